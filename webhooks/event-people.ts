/** The people of an order: whom the host knows them as, and who is meant no more. */
import type { HostLms } from '../adapters/host-lms.ts';
import type { UserId } from '../contracts/ids.ts';
import type { JsonObject } from '../contracts/changes.ts';
import type { Sql } from '../contracts/sql.ts';
import { reinstatedSince } from '../ledger/inbox-follow.ts';
import { countEntries, storeList } from '../ledger/lists.ts';
import type { ListEntry } from '../ledger/lists.ts';
import type { EventUser, Order } from './events.ts';

/** Where people are looked up. */
export interface Directory {
  sql: Sql;
  host: Pick<HostLms, 'findUsers' | 'memberFacts'>;
}

/** How many users an input names at most; more are a list in the ledger. */
const maxInline = 100;

/** What the people of an order add to its input, or why it starts nothing. */
export type PeopleInput = { input: JsonObject } | { state: 'ignored' | 'failed'; problem: string };

/**
 * Puts people into the input of their operation: by id, or as a list in the ledger.
 *
 * @param at when it happened, ISO 8601; null where the source does not say
 * @param list the id of the list, if one is stored
 */
export async function peopleInput(
  directory: Directory,
  { people, endsWithReinstatement, endsWithReturnTo: group }: Order,
  at: string | null,
  list: string,
): Promise<PeopleInput> {
  if (people === null) return { input: {} };
  if (people.as === 'list') {
    const meant = group === undefined ? people.users : await notReturned(directory, people.users, group, at);
    if (meant.length === 0) return { state: 'ignored', problem: 'its users came to the group after it' };
    return { input: await listed(directory.sql, meant, list) };
  }
  const id = await idOf(directory, people.user);
  if (id === null) return { state: 'failed', problem: 'its user is nobody' };
  if (endsWithReinstatement && at !== null && (await reinstatedSince(directory.sql, id, at))) {
    return { state: 'ignored', problem: 'the user was reinstated after it' };
  }
  if (people.as === 'user') return { input: { user: { id } } };
  if (people.as === 'users') return { input: { users: [{ id }] } };
  return { input: { profiles: [{ user: { id }, profile: {} }] } };
}

async function idOf({ sql, host }: Directory, user: EventUser): Promise<UserId | null> {
  if (typeof user === 'object' && 'id' in user) return user.id;
  const [found] = await host.findUsers(sql, [referenceOf(user)]);
  return found?.id ?? null;
}

function referenceOf(user: EventUser): { id?: string; email?: string } {
  return typeof user === 'string' ? { id: user, email: user } : user;
}

/** Those who are not in the group since after the event: a late one must not remove who was added again. */
async function notReturned(
  { sql, host }: Directory,
  users: EventUser[],
  group: string,
  at: string | null,
): Promise<EventUser[]> {
  if (at === null) return users;
  const found = await host.findUsers(sql, users.map(referenceOf));
  const ids = found.flatMap((user) => user?.id ?? []);
  const facts = await host.memberFacts(sql, [...new Set(ids)], group);
  const memberships = facts.users.flatMap((user) => user.memberships);
  // In the very moment of the event somebody left: whoever is there since then has come back.
  const returned = memberships.filter((one) => one.group === group && one.since >= Date.parse(at) * 1000);
  const ofReturned = new Set(returned.map(({ user }) => user));
  return users.filter((_, i) => !ofReturned.has(found[i]?.id ?? ''));
}

/** Few ids as they are; emails, and many, as a list in the ledger, stored once. */
async function listed(sql: Sql, users: readonly EventUser[], list: string): Promise<JsonObject> {
  const ids = users.flatMap((user) => (typeof user === 'object' && 'id' in user ? [{ id: user.id }] : []));
  if (ids.length === users.length && ids.length <= maxInline) return { users: ids };
  if ((await countEntries(sql, list)) === null) await storeList(sql, list, 'webhook', users.map(entryOf));
  return { list };
}

function entryOf(user: EventUser, index: number): ListEntry {
  const line = index + 1;
  if (typeof user === 'string') return { line, id: user, email: user, ref: user };
  return 'id' in user ? { line, id: user.id, ref: user.id } : { line, email: user.email, ref: user.email };
}
