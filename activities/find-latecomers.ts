import { ChunkPlaces } from './chunk-places.ts';
import { claimFromHolders } from './claim.ts';
import type { Dependencies } from './dependencies.ts';
import { membersConcerned } from './entries.ts';
import { requireOpen } from './operation.ts';
import type { UserId } from '../contracts/ids.ts';
import { operationSchemas } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import { claimUsers } from '../ledger/claims.ts';
import { insertNotes } from '../ledger/notes.ts';
import {
  countAfterChunk,
  insertTargets,
  lastChunk,
  lastLine,
  namedAmong,
  summarizeChunks,
} from '../ledger/targets.ts';

/** How many members are looked up in one transaction. */
const page = 10_000;

/**
 * Who has come to the groups of an operation since its users were found belongs to what was asked for (ADR 7): they become lines
 * of chunks of their own, after the ones there were, and are claimed. Again: finds only whom it has not found yet.
 *
 * @param chunks how many chunks the plan has
 * @returns how many there are now
 */
export async function findLatecomers(
  deps: Dependencies,
  { operation, chunks }: { operation: string; chunks: number },
): Promise<number> {
  let after = await findPage(deps, operation, chunks, null);
  while (after !== null) after = await findPage(deps, operation, chunks, after);
  return deps.database.transaction(async (sql) => {
    const now = await summarizeChunks(sql, operation);
    await note(sql, operation, chunks);
    return Math.max(now.chunks, chunks);
  });
}

/** @returns the last member that was looked at; null when there are no more */
async function findPage(
  deps: Dependencies,
  id: string,
  chunks: number,
  after: UserId | null,
): Promise<UserId | null> {
  const { operation, members, lines, held } = await deps.database.transaction(async (sql) => {
    const operation = await requireOpen(sql, id);
    const input = operationSchemas[operation.kind].parse(operation.input);
    const find = membersConcerned(deps.host, operation, input);
    const members = (await find?.(sql, after, page)) ?? [];
    const known = await namedAmong(sql, id, members);
    const late = members.filter((user) => !known.has(user));
    const lines =
      late.length === 0 ? null : await insertLines(sql, id, late, chunks, deps.settings.chunkUsers);
    const held = lines === null ? [] : await claimUsers(sql, id, lines);
    return { operation, members, lines, held };
  });
  if (lines !== null && held.length > 0) await claimFromHolders(deps, operation, lines, held);
  return members.length < page ? null : (members.at(-1) ?? null);
}

async function insertLines(
  sql: Sql,
  operation: string,
  users: readonly UserId[],
  chunks: number,
  chunkUsers: number,
): Promise<{ first: number; last: number }> {
  const [before, filled] = await Promise.all([lastLine(sql, operation), lastChunk(sql, operation)]);
  const from = filled.chunk > chunks ? filled : { chunk: chunks + 1, lines: 0 };
  const places = new ChunkPlaces(chunkUsers, from, []);
  const targets = users.map((user, i) => {
    const line = before + i + 1;
    return {
      line,
      chunk: places.chunkFor(user, null),
      user,
      ref: user,
      state: 'open' as const,
      problem: null,
    };
  });
  await insertTargets(sql, operation, targets);
  return { first: before + 1, last: before + users.length };
}

async function note(sql: Sql, operation: string, chunks: number): Promise<void> {
  const users = await countAfterChunk(sql, operation, chunks);
  if (users === 0) return;
  const message = `${users} ${users === 1 ? 'user' : 'users'} came after the plan was made, and were dealt with like the others`;
  await insertNotes(sql, operation, [{ subject: 'members', message }]);
}
