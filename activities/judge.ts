import { decisions } from './decisions.ts';
import type { Dependencies } from './dependencies.ts';
import { needsEverybody } from './kinds.ts';
import type { ChunkRef } from './operation.ts';
import { requireOpen } from './operation.ts';
import type { PlanContext } from './planner.ts';
import { Refusal } from '../contracts/failures.ts';
import { settleTargets, usersOfChunk } from '../ledger/targets.ts';

/**
 * Decides who of a chunk is changed and who is not, from complete reads of one snapshot. For an operation of
 * several chunks this comes before the first one is planned: successors are chosen against all of them (D-13).
 * Users that have been judged stay so.
 *
 * @throws Refusal whatever the rules refuse one user for, where nobody can be left out
 */
export async function judge(deps: Dependencies, { operation: id, chunk }: ChunkRef): Promise<void> {
  await deps.database.snapshot(async (sql) => {
    const [operation, users] = await Promise.all([
      requireOpen(sql, id),
      usersOfChunk(sql, id, chunk, ['open']),
    ]);
    await judgeUsers({ sql, host: deps.host, operation, users });
  });
}

export async function judgeUsers(context: PlanContext): Promise<void> {
  const { sql, operation, users } = context;
  if (users.length === 0) return;
  const settled = (await decisions[operation.kind].judge?.(context)) ?? [];
  const refused = settled.find(({ problem }) => problem !== undefined)?.problem;
  // Once the plan is sealed, those who came later are left out instead: the others may have been changed already.
  if (refused && operation.planHash === null && needsEverybody(operation.kind))
    throw new Refusal(refused.type, refused.message);
  await settleTargets(sql, operation.id, settled);
}
