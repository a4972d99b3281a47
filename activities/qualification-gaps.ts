import type { Dependencies } from './dependencies.ts';
import { requireRegistrations } from './require-registrations.ts';
import type { HostRegistrations, RowLock } from '../adapters/host-lms.ts';
import type { QualificationFact, RegistrationKey } from '../contracts/facts.ts';
import { registrationKey } from '../contracts/ids.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';
import type { OperationRow } from '../ledger/operations.ts';
import { insertNotes } from '../ledger/notes.ts';
import type { Note } from '../ledger/notes.ts';
import { missingRegistrations, requirements } from '../rules/qualifications.ts';
import type { Requirements } from '../rules/qualifications.ts';

/** How many users are looked at at once: their profiles are in memory for so long. */
const pageUsers = 5_000;

/** Which of these registrations qualifications require, whether or not there are any. */
export async function requiredAmong(
  sql: Sql,
  host: Dependencies['host'],
  keys: readonly RegistrationKey[],
  lock: RowLock,
): Promise<Requirements> {
  const { qualifications, people } = requireRegistrations(host);
  const activities = [...new Set(keys.map(({ activity }) => activity))];
  const requiring = await qualifications(sql, activities, lock);
  if (requiring.length === 0) return { required: [], notes: [] };
  const users = [...new Set(keys.map(({ user }) => user))];
  const { required, notes } = requirements(requiring, await people(sql, users, lock));
  const asked = new Set(keys.map(registrationKey));
  return { required: required.filter((key) => asked.has(registrationKey(key))), notes };
}

/** What these users lack. */
export async function gapsOf(
  sql: Sql,
  host: Dependencies['host'],
  users: readonly UserId[],
): Promise<Requirements> {
  const registrations = requireRegistrations(host);
  const qualifications = await registrations.qualifications(sql, null, 'no-lock');
  return gapsAmong(sql, registrations, qualifications, { users });
}

/** The next living users after one, at most `limit`, who lack something; the rules that could not say are recorded. */
export async function usersLacking(
  sql: Sql,
  host: Dependencies['host'],
  { id }: OperationRow,
  after: UserId | null,
  limit: number,
): Promise<UserId[]> {
  const registrations = requireRegistrations(host);
  const qualifications = await registrations.qualifications(sql, null, 'no-lock');
  const lacking = new Set<UserId>();
  const told = new Map<string, Note>();
  let last = after;
  do {
    const page = { after: last, limit: pageUsers };
    const { required, notes, seen } = await gapsAmong(sql, registrations, qualifications, page);
    for (const { user } of required) lacking.add(user);
    for (const note of notes) told.set(note.subject, note);
    last = seen;
  } while (last !== null && lacking.size < limit);
  await insertNotes(sql, id, [...told.values()]);
  return [...lacking].slice(0, limit);
}

/** `seen`: the last user of a full page; null when there are no more. */
async function gapsAmong(
  sql: Sql,
  { enrolled }: HostRegistrations,
  qualifications: readonly QualificationFact[],
  of: Parameters<HostRegistrations['enrolled']>[1],
): Promise<Requirements & { seen: UserId | null }> {
  if (qualifications.length === 0) return { required: [], notes: [], seen: null };
  const activities = [...new Set(qualifications.flatMap((qualification) => qualification.activities))];
  const users = await enrolled(sql, of, activities);
  const full = 'limit' in of && users.length === of.limit;
  const seen = full ? (users.at(-1)?.user ?? null) : null;
  return { ...missingRegistrations(qualifications, users), seen };
}
