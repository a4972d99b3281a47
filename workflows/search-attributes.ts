import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** By what operations are found in the Temporal UI (ids only, X-10). */
export const searchAttributes = {
  operation: defineSearchAttributeKey('LmsOperation', SearchAttributeType.KEYWORD),
  host: defineSearchAttributeKey('LmsHost', SearchAttributeType.KEYWORD),
  userId: defineSearchAttributeKey('LmsUserId', SearchAttributeType.KEYWORD),
  state: defineSearchAttributeKey('LmsState', SearchAttributeType.KEYWORD),
  requestedBy: defineSearchAttributeKey('LmsRequestedBy', SearchAttributeType.KEYWORD),
};

/** The same, as a server registers them: name and type. */
export const searchAttributeTypes: Readonly<Record<string, 'Keyword'>> = Object.fromEntries(
  Object.values(searchAttributes).map(({ name }) => [name, 'Keyword']),
);
