import { ChunkPlaces } from './chunk-places.ts';
import { claimFromHolders } from './claim.ts';
import { decisions } from './decisions.ts';
import type { Dependencies } from './dependencies.ts';
import { entrySource } from './entries.ts';
import { isAboutRegistrations, isSingle } from './kinds.ts';
import { requireOpen } from './operation.ts';
import type { UserReference } from '../adapters/host-lms.ts';
import { Refusal } from '../contracts/failures.ts';
import { textOf } from '../contracts/changes.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import { operationSchemas } from '../contracts/operations.ts';
import type { OperationKind } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import { claimUsers } from '../ledger/claims.ts';
import type { HeldUser } from '../ledger/claims.ts';
import type { ListEntry } from '../ledger/lists.ts';
import { findOperation } from '../ledger/operations.ts';
import type { OperationRow } from '../ledger/operations.ts';
import {
  insertTargets,
  lastChunk,
  linesAfter,
  linesUpTo,
  namedBefore,
  summarizeChunks,
} from '../ledger/targets.ts';
import type { LinePage, Target } from '../ledger/targets.ts';

/** How many lines are looked up in one transaction. */
const pageLines = 10_000;

/** How far the lines of an operation have been found. */
export interface Found {
  /** The last line found if there may be more after it; null when all have been found. */
  next: number | null;
  /** Whether the operation changes something beside its users, as chunk 0, and whether before or after them. */
  frame: 'first' | 'last' | 'none';
  /** Counted once all lines have been found. */
  chunks: number;
  /** The only user, if there is just one. */
  user: string | null;
}

/**
 * Finds the users that the lines after `after` name, folds duplicates, and claims them: those of a full page while the
 * next one is looked up. Again: a no-op with the same answer, whoever has come or gone meanwhile.
 *
 * @throws Refusal InvalidInput, NotFound; for a single user's operation also OperationInProgress
 */
export async function findTargets(
  deps: Dependencies,
  { operation: id, after }: { operation: string; after: number },
): Promise<Found> {
  const [{ operation, lines, held }] = await Promise.all([
    deps.database.transaction((sql) => findPage(sql, deps, id, after)),
    after === 0 ? null : claimPageUpTo(deps, id, after),
  ]);
  if (held.length > 0 && lines) await claimFromHolders(deps, operation, lines, held);
  const frame = await frameOf(deps, operation);
  if (lines && isFull(lines)) return { next: lines.last, frame, chunks: 0, user: null };
  const summary = await deps.database.transaction((sql) => summarizeChunks(sql, id));
  return { next: null, frame, ...summary };
}

/** An undo takes back what was changed beside the users first, unless it is about some of them only. */
async function frameOf(deps: Dependencies, { kind, undoes, input }: OperationRow): Promise<Found['frame']> {
  if (undoes === null) {
    const { frame, frameRest } = decisions[kind];
    return frame === undefined ? 'none' : frameRest === undefined ? 'first' : 'last';
  }
  const original = await deps.database.transaction((sql) => findOperation(sql, undoes));
  const isWhole = input['users'] === undefined;
  return isWhole && original && decisions[original.kind].frame ? 'first' : 'none';
}

interface Page {
  operation: OperationRow;
  lines: LinePage | null;
  held: HeldUser[];
}

function isFull({ count }: LinePage): boolean {
  return count === pageLines;
}

async function findPage(sql: Sql, deps: Dependencies, id: string, after: number): Promise<Page> {
  const [operation, known] = await Promise.all([requireOpen(sql, id), linesAfter(sql, id, after, pageLines)]);
  const lines = known ?? (await writePage(sql, deps, operation, after));
  const claims = lines !== null && !isFull(lines) && operation.mode === 'apply';
  return { operation, lines, held: claims ? await claimUsers(sql, id, lines) : [] };
}

async function writePage(
  sql: Sql,
  deps: Dependencies,
  operation: OperationRow,
  after: number,
): Promise<LinePage | null> {
  const input = operationSchemas[operation.kind].parse(operation.input);
  const source = await entrySource(sql, deps.host, operation, input);
  const entries = await source.read(sql, after, pageLines);
  const [first] = entries;
  const last = entries.at(-1);
  if (!first || !last) return null;
  await insertTargets(sql, operation.id, await targetsOf(sql, deps, operation, entries, after));
  return { first: first.line, last: last.line, count: entries.length };
}

/** A full page is found by whoever looks up the next one. */
async function claimPageUpTo(deps: Dependencies, id: string, last: number): Promise<void> {
  const { operation, lines, held } = await deps.database.transaction(async (sql): Promise<Page> => {
    const [operation, lines] = await Promise.all([requireOpen(sql, id), linesUpTo(sql, id, last, pageLines)]);
    const claims = lines !== null && operation.mode === 'apply';
    return { operation, lines, held: claims ? await claimUsers(sql, id, lines) : [] };
  });
  if (held.length > 0 && lines) await claimFromHolders(deps, operation, lines, held);
}

async function targetsOf(
  sql: Sql,
  { host, settings }: Dependencies,
  operation: OperationRow,
  entries: readonly ListEntry[],
  after: number,
): Promise<Target[]> {
  const named = entries.filter(({ problem }) => problem === undefined);
  const users = await usersNamed(sql, host, named);
  const found = new Map(named.map((entry, i) => [entry.line, users[i] ?? null]));
  const places = await placesAfter(sql, operation.id, settings.chunkUsers, users, after);
  return entries.map((entry): Target => {
    const user = found.get(entry.line) ?? null;
    const { line, ref } = entry;
    const activity = isAboutRegistrations(operation.kind) ? activityOf(entry) : null;
    const target = { line, ref, activity, user: user?.id ?? null };
    const problem = problemOf(entry, user, operation.kind);
    if (problem) return { ...target, chunk: 0, state: 'attention', problem };
    const settled = user === null || user.living === wanted[operation.kind];
    const chunk = user === null || settled ? 0 : places.chunkFor(user.id, activity);
    return { ...target, chunk, state: chunk === 0 ? 'unchanged' : 'open', problem: null };
  });
}

async function usersNamed(
  sql: Sql,
  host: Dependencies['host'],
  entries: readonly ListEntry[],
): Promise<({ id: UserId; living: boolean } | null)[]> {
  const found = entries.flatMap(({ found: known, id }) =>
    known && id !== undefined ? [{ id, living: true }] : [],
  );
  return found.length === entries.length ? found : host.findUsers(sql, entries.map(referenceOf));
}

/** Where the lines after `after` go, given where those before have gone. */
async function placesAfter(
  sql: Sql,
  operation: string,
  chunkLines: number,
  users: readonly ({ id: UserId } | null)[],
  after: number,
): Promise<ChunkPlaces> {
  if (after === 0) return new ChunkPlaces(chunkLines, { chunk: 1, lines: 0 }, []);
  const ids = users.flatMap((user) => user?.id ?? []);
  const [last, before] = await Promise.all([
    lastChunk(sql, operation),
    namedBefore(sql, operation, ids, after + 1),
  ]);
  return new ChunkPlaces(chunkLines, last, before);
}

function activityOf({ payload }: ListEntry): string | null {
  const id = textOf(payload ?? null, 'activity').trim();
  return id === '' ? null : id;
}

function referenceOf({ id, email }: ListEntry): UserReference {
  return { ...(id === undefined ? {} : { id }), ...(email === undefined ? {} : { email: email.trim() }) };
}

/** Whether who lives (or does not) is already as asked (spec: interface, `unchanged`); null where that decides nothing. */
const wanted: Readonly<Record<OperationKind, boolean | null>> = {
  deleteUser: false,
  deleteUsers: false,
  deleteDueUsers: false,
  removeFromGroup: false,
  reinstateUser: true,
  undoOperation: null,
  deleteGroup: false,
  updateProfiles: null,
  runImport: null,
  runReport: null,
  removeCoursesFromGroup: false,
  removePathsFromGroup: false,
  removeCoursesFromPath: false,
  unenrolUsers: null,
  removeRegistrations: null,
  reconcileQualifications: false,
  copyActivity: null,
};

/** @throws Refusal for the one user of a single user's operation */
function problemOf(entry: ListEntry, user: { id: UserId } | null, kind: OperationKind): Problem | null {
  if (entry.problem !== undefined) return { type: 'InvalidRow', message: `the line ${entry.problem}` };
  if (isAboutRegistrations(kind) && activityOf(entry) === null) {
    return { type: 'InvalidRow', message: 'the line names no activity' };
  }
  if (user) return mistaken(entry, user);
  if (isSingle(kind)) {
    const member = kind === 'copyActivity' ? 'newOwner' : 'user';
    throw new Refusal('NotFound', `input.${member}: there is no such user`);
  }
  return { type: 'NotFound', message: 'there is no such user' };
}

/** An email may have come to somebody else since the list was checked; whom it names now was not shown (I-07). */
function mistaken({ checked }: ListEntry, user: { id: UserId }): Problem | null {
  if (checked === undefined || checked === user.id) return null;
  return {
    type: 'PlanChanged',
    message: `the line named user ${checked} when it was checked, and names user ${user.id} now`,
  };
}
