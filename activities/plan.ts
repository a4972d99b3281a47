import { decisions } from './decisions.ts';
import type { Dependencies } from './dependencies.ts';
import { judgeUsers } from './judge.ts';
import { requireOpen } from './operation.ts';
import type { ChunkRef } from './operation.ts';
import { chunkHash } from './plan-hash.ts';
import type { HostLms } from '../adapters/host-lms.ts';
import { steps } from '../contracts/changes.ts';
import type { PlannedChange, Step } from '../contracts/changes.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';
import { insertPlan, plannedHash } from '../ledger/changes.ts';
import type { PlanPlace } from '../ledger/changes.ts';
import { acceptUnchanged, settlePlanned, usersOfChunk } from '../ledger/targets.ts';
import type { TargetState } from '../ledger/targets.ts';

/**
 * Reads the facts of a chunk in one snapshot, lets the rules decide, and writes the plan as pending changes in the
 * same transaction. Whoever has not been judged yet is judged first. A chunk that has been planned already
 * stays as it is.
 *
 * @throws Refusal whatever the rules refuse a single user's operation for
 */
export async function plan(deps: Dependencies, { operation: id, chunk }: ChunkRef): Promise<void> {
  await deps.database.snapshot(async (sql) => {
    const place: PlanPlace = { operation: id, chunk, round: 1 };
    const [planned, operation, open] = await Promise.all([
      plannedHash(sql, place),
      requireOpen(sql, id),
      usersOfChunk(sql, id, chunk, ['open']),
    ]);
    if (planned !== null) return;
    const context = { sql, host: deps.host, operation };
    if (chunk === 0) {
      const changes = (await decisions[operation.kind].frame?.(context)) ?? [];
      await insertPlan(sql, place, chunkHash(changes), changes);
      return;
    }
    await judgeUsers({ ...context, users: open });
    const { judge, plan: planOf, settledByPlan } = decisions[operation.kind];
    const users = judge ? await usersOfChunk(sql, id, chunk, ['accepted']) : open;
    const changes = users.length === 0 ? [] : await planOf({ ...context, users });
    if (settledByPlan) await settlePlanned(sql, id, chunk, usersOf(changes));
    await insertPlan(sql, place, chunkHash(changes), changes);
  });
}

/** What verifying a chunk has found. */
export interface Rest {
  /** The users who have something left to do. */
  users: UserId[];
  /** In which steps, in their order. */
  steps: Step[];
}

/**
 * Plans what is left of a chunk after its plan has been applied: nothing, unless the host changed meanwhile. What
 * newly appeared belongs to what was asked for (a deleted user is in no group, D-01; a successor who was deleted
 * meanwhile is passed over, D-13), so it is planned whether or not the plan was bound to a hash.
 */
export async function planRest(sql: Sql, host: HostLms, place: PlanPlace): Promise<Rest> {
  const [planned, operation] = await Promise.all([
    plannedHash(sql, place),
    requireOpen(sql, place.operation),
  ]);
  const { rest, frameRest, untouched } = decisions[operation.kind];
  const states: TargetState[] = untouched === 'again' ? ['accepted', 'unchanged'] : ['accepted'];
  const users = await usersOfChunk(sql, operation.id, place.chunk, states);
  const context = { sql, host, operation, users };
  const planner = place.chunk === 0 ? frameRest : users.length > 0 ? rest : undefined;
  if (planner === undefined) return { users: [], steps: [] };
  const changes = await planner(context);
  const changed = usersOf(changes);
  if (planned === null) {
    await insertPlan(sql, place, chunkHash(changes), changes);
    await acceptUnchanged(sql, operation.id, changed);
  }
  return { users: changed, steps: stepsOf(changes) };
}

function usersOf(changes: readonly PlannedChange[]): UserId[] {
  return [...new Set(changes.map((change) => change.user))];
}

function stepsOf(changes: readonly PlannedChange[]): Step[] {
  const found = new Set(changes.map((change) => change.step));
  return steps.filter((step) => found.has(step));
}
