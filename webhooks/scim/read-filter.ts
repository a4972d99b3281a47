import type { AccountQuery } from '../../adapters/host-lms.ts';
import { userSchemaId } from './documents.ts';
import { ScimError } from './scim-error.ts';

/** `attribute eq "text"`: all that identity providers look somebody up with (RFC 7644 §3.4.2.2). */
const comparison = /^\s*(?<attribute>\S+(?:\[[^\]]*\])?(?:\.\S+)?)\s+eq\s+(?<value>"(?:[^"\\]|\\.)*")\s*$/i;
/** `emails[type eq "work"].value`, as some of them name the address. */
const typedEmail = /^emails\[\s*type\s+eq\s+"[^"]*"\s*\]\.value$/;

/**
 * Whom a filter names. Nobody has an `externalId` here: that is a name of the client's own, which the host does not keep.
 *
 * @returns 'nobody' where no user can match
 * @throws ScimError invalidFilter
 */
export function readFilter(filter: string): AccountQuery['by'] | 'nobody' {
  const { attribute = '', value = '' } = comparison.exec(filter)?.groups ?? {};
  const name = attribute.toLowerCase().replace(`${userSchemaId.toLowerCase()}:`, '');
  const given = textOf(value);
  if (given === null) throw unsupported();
  if (name === 'id') return { id: given };
  if (name === 'username') return { userName: given };
  if (name === 'emails' || name === 'emails.value' || typedEmail.test(name)) return { email: given };
  if (name === 'externalid') return 'nobody';
  throw unsupported();
}

function textOf(json: string): string | null {
  try {
    const text: unknown = JSON.parse(json);
    return typeof text === 'string' ? text : null;
  } catch {
    return null;
  }
}

function unsupported(): ScimError {
  const known = 'id, userName, emails.value or externalId';
  return new ScimError(400, `A filter may be: ${known}, eq, a text in quotes.`, 'invalidFilter');
}
