import type { ListEntry } from '../ledger/lists.ts';
import type { UserRef, UserRefs } from '../contracts/operations.ts';

/** As long as a user's name can be; whatever is longer is none. */
const longestRef = 500;

/** One user reference as an entry: an id wins over an email, a bare string may be either. */
export function entryOf(ref: UserRef, line = 1): ListEntry {
  if (typeof ref === 'string') return { line, ...bare(ref) };
  if ('id' in ref) return { line, id: ref.id, ref: ref.id };
  return { line, email: ref.email, ref: ref.email };
}

/** The entries of a list that was given in the input (D-17): an array, or a string with commas or line breaks between. */
export function entriesOf(refs: UserRefs): ListEntry[] {
  if (typeof refs !== 'string') return refs.map((ref, i) => entryOf(ref, i + 1));
  const given = refs.split(/[,\n]/).filter((part) => part.trim() !== '');
  return given.map((ref, i) => entryOf(ref, i + 1));
}

function bare(text: string): Omit<ListEntry, 'line'> {
  const ref = text.trim();
  if (ref === '') return { ref: '', problem: 'names nobody' };
  if (ref.length > longestRef) {
    return { ref: ref.slice(0, longestRef), problem: `is longer than ${longestRef} characters` };
  }
  return { id: ref, email: ref, ref };
}
