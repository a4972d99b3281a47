import { deletedGroups, requireGroups } from './decide-group-deletion.ts';
import type { Dependencies } from './dependencies.ts';
import { usersLacking } from './qualification-gaps.ts';
import { profileEntries } from './profile-rows.ts';
import { entriesOf, entryOf } from './user-refs.ts';
import { Refusal } from '../contracts/failures.ts';
import type { OperationInput, UserRefs, OperationKind } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import { countEntries, readEntries } from '../ledger/lists.ts';
import type { ListEntry } from '../ledger/lists.ts';
import { changedUsers, userOfLine } from '../ledger/targets.ts';
import type { OperationRow } from '../ledger/operations.ts';

/** Where the lines of an operation come from. */
export interface EntrySource {
  /** The entries after a line, in order, at most `limit`. */
  read(sql: Sql, after: number, limit: number): Promise<ListEntry[]>;
}

/**
 * The lines of an operation, whatever they are given as.
 *
 * @throws Refusal InvalidInput for a list without a line, and for a host without automatic deletion dates; NotFound for an
 *   unknown list
 */
export async function entrySource(
  sql: Sql,
  host: Dependencies['host'],
  operation: OperationRow,
  input: OperationInput,
): Promise<EntrySource> {
  if ('user' in input) return givenEntries([entryOf(input.user)]);
  if ('newOwner' in input) return givenEntries([entryOf(input.newOwner)]);
  if ('registrations' in input && input.registrations !== undefined) {
    return givenEntries(
      input.registrations.map(({ user, activity }, i) => ({
        ...entryOf(user, i + 1),
        payload: { activity },
      })),
    );
  }
  if ('operation' in input) {
    return input.users === undefined ? changedEntries(operation) : givenEntries(requireSome(input.users));
  }
  if ('profiles' in input && input.profiles !== undefined) return givenEntries(requireRows(input.profiles));
  const members = membersConcerned(host, operation, input);
  if (members) return byId(operation, members);
  if ('activities' in input && input.activities !== undefined) {
    return eachWith(await namedEntries(sql, input, null), input.activities);
  }
  if ('list' in input || 'users' in input) return namedEntries(sql, input, listHolds[operation.kind] ?? null);
  return operation.kind === 'reconcileQualifications'
    ? unregisteredEntries(host, operation)
    : dueEntries(host, operation);
}

/** Users, or a stored list: inputs have one of them. */
async function namedEntries(
  sql: Sql,
  { users = '', list }: { users?: UserRefs | undefined; list?: string | undefined },
  holds: string | null,
): Promise<EntrySource> {
  return list === undefined ? givenEntries(requireSome(users)) : storedEntries(sql, list, holds);
}

/** What a stored list for such an operation says of each user; others are lists of nothing but users. */
const listHolds: Readonly<Partial<Record<OperationKind, string>>> = {
  updateProfiles: 'profile',
  unenrolUsers: 'activity',
  removeRegistrations: 'activity',
};

/** Each user with each of the activities, user by user. */
function eachWith(users: EntrySource, activities: readonly string[]): EntrySource {
  const n = activities.length;
  return {
    async read(sql, after, limit) {
      // The last line may have been amid a user.
      const entries = await users.read(sql, Math.floor(after / n), Math.ceil(limit / n) + 1);
      return entries
        .flatMap((entry) =>
          activities.map((activity, i) => {
            const line = (entry.line - 1) * n + i + 1;
            return { ...entry, line, payload: { activity } };
          }),
        )
        .filter(({ line }) => line > after)
        .slice(0, limit);
    },
  };
}

function requireSome(users: UserRefs): ListEntry[] {
  const entries = entriesOf(users);
  if (entries.length === 0) throw new Refusal('InvalidInput', 'input.users: names nobody');
  return entries;
}

function givenEntries(entries: readonly ListEntry[]): EntrySource {
  return {
    read: (_sql, after, limit) => Promise.resolve(entries.filter(({ line }) => line > after).slice(0, limit)),
  };
}

async function storedEntries(sql: Sql, list: string, holds: string | null): Promise<EntrySource> {
  const entries = await countEntries(sql, list);
  if (entries === null) throw new Refusal('NotFound', 'input.list: there is no such list');
  if (entries === 0) throw new Refusal('InvalidInput', 'input.list: names nobody');
  return {
    async read(sql, after, limit) {
      const read = await readEntries(sql, list, after, limit);
      requireFit(read, holds);
      return read;
    },
  };
}

/** A list that was stored for something else must not be taken for one of users to delete. @throws Refusal InvalidInput */
function requireFit(entries: readonly ListEntry[], holds: string | null): void {
  const fits = ({ problem, payload }: ListEntry): boolean =>
    problem !== undefined ||
    (payload === undefined ? holds !== 'profile' : holds !== null && Object.hasOwn(payload, holds));
  const misfit = entries.find((entry) => !fits(entry));
  if (!misfit) return;
  const what = holds === null ? 'users only' : `a ${holds} for each user`;
  throw new Refusal('InvalidInput', `input.list: line ${misfit.line} shows that it is not a list of ${what}`);
}

/** The users whom the operation that is to be undone has changed, under the lines that they had there. */
function changedEntries({ undoes }: OperationRow): EntrySource {
  return {
    async read(sql, after, limit) {
      const changed = undoes === null ? [] : await changedUsers(sql, undoes, after, limit);
      return changed.map(({ user, line, ref }) => ({ line, id: user, ref: ref ?? user }));
    },
  };
}

/** Finds users by id, those after one, in a limited number. */
type UserSource = (sql: Sql, after: string | null, limit: number) => Promise<string[]>;

/**
 * Everybody whom an operation concerns because of a group that they are in: who is linked to what a group or a path loses
 * (C-09 to C-11), or is in a group that is deleted (G-11). Null for operations that name their users.
 */
export function membersConcerned(
  host: Dependencies['host'],
  operation: OperationRow,
  input: OperationInput,
): UserSource | null {
  if (operation.kind === 'deleteGroup') {
    return async (sql, after, limit) => {
      const context = { sql, host, operation };
      return requireGroups(context).members(sql, await deletedGroups(context), after, limit);
    };
  }
  if (!('courses' in input || 'paths' in input)) return null;
  const of = 'path' in input ? { path: input.path } : { group: input.group };
  return (sql, after, limit) => host.content?.members(sql, of, after, limit) ?? Promise.resolve([]);
}

function requireRows(rows: readonly unknown[]): ListEntry[] {
  if (rows.length === 0) throw new Refusal('InvalidInput', 'input.profiles: holds no rows');
  return profileEntries(rows);
}

/** Whose automatic deletion date has begun (D-19). */
function dueEntries(host: Dependencies['host'], operation: OperationRow): EntrySource {
  if (!host.dueUsers) {
    throw new Refusal('InvalidInput', `the ${host.name} host has no automatic deletion dates`);
  }
  const due = host.dueUsers.bind(host);
  return byId(operation, (sql, after, limit) => due(sql, after, limit));
}

/** Who lacks a registration that a qualification requires. */
function unregisteredEntries(host: Dependencies['host'], operation: OperationRow): EntrySource {
  return byId(operation, (sql, after, limit) => usersLacking(sql, host, operation, after, limit));
}

/** Users whom the host itself finds, in the order of their ids. */
function byId({ id }: OperationRow, find: UserSource): EntrySource {
  return {
    async read(sql, after, limit) {
      const last = after === 0 ? null : await userOfLine(sql, id, after);
      const users = await find(sql, last, limit);
      return users.map((user, i) => ({ line: after + i + 1, id: user, ref: user, found: true }));
    },
  };
}
