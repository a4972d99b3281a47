import type { Connection } from '@temporalio/client';
import { devError } from './dev-errors.ts';

/** The kinds of search attributes that Temporal knows. */
export type SearchAttributeKind = 'Text' | 'Keyword' | 'KeywordList' | 'Int' | 'Double' | 'Bool' | 'Datetime';
export type SearchAttributes = Readonly<Record<string, SearchAttributeKind>>;

// As they go over the wire (IndexedValueType of the Temporal API).
const types: Record<SearchAttributeKind, number> = {
  Text: 1,
  Keyword: 2,
  Int: 3,
  Double: 4,
  Bool: 5,
  Datetime: 6,
  KeywordList: 7,
};

/**
 * Registers what is missing, through the API: the dev server's own `--search-attribute` does nothing for a
 * database file that exists already. A DevError (SEARCH_ATTRIBUTE) if one is there with another type.
 */
export async function ensureSearchAttributes(
  connection: Connection,
  namespace: string,
  wanted: SearchAttributes,
): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing: Record<string, number> = {};
  for (const [name, kind] of Object.entries(wanted)) {
    const present = customAttributes[name];
    if (present === undefined) missing[name] = types[kind];
    else if (types[kind] !== (present as number)) throw otherType(name, kind);
  }
  if (Object.keys(missing).length === 0) return;
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
}

/** Whether the server answers queries by all of them: it takes up new ones a moment later. */
export async function searchAttributesUsable(
  connection: Connection,
  namespace: string,
  wanted: SearchAttributes,
): Promise<boolean> {
  const names = Object.keys(wanted);
  if (names.length === 0) return true;
  const query = names.map((name) => `${name} is null`).join(' and ');
  try {
    await connection.workflowService.countWorkflowExecutions({ namespace, query });
    return true;
  } catch {
    return false;
  }
}

function otherType(name: string, kind: SearchAttributeKind): Error {
  const problem = `The search attribute ${name} is registered with another type than ${kind}.`;
  return devError('SEARCH_ATTRIBUTE', problem, 'Remove it from that Temporal, or begin anew: start --fresh.');
}
