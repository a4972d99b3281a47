import type { Dependencies } from './dependencies.ts';
import { requireOperation } from './operation.ts';
import { planRest } from './plan.ts';
import type { ChunkRef } from './operation.ts';
import { noteUnrestored } from './note-unrestored.ts';
import { refusals } from './planner.ts';
import type { Step } from '../contracts/changes.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import type { OperationKind } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import { countIsolated } from '../ledger/attention.ts';
import { notTakenBack, tallyChunk } from '../ledger/changes.ts';
import { countSettled, settleChunk, settleTargets } from '../ledger/targets.ts';
import { notRestored } from '../rules/undo.ts';

/** How often what newly appeared is planned and applied before the rest goes to the attention list. */
const lastRound = 5;

/** What verifying a chunk came to. */
export interface Verified {
  /** The steps of another round that is to be applied; none: the chunk is settled. */
  steps: Step[];
  /** What has become of the changes of the chunk, by whichever try of whichever step. */
  applied: number;
  conflicts: number;
  /** How many of its users are settled, in whatever way. */
  users: number;
  /** How many of them wait for a decision. */
  isolated: number;
}

/**
 * Plans the chunk again, as this round, and settles it in the same snapshot. An empty plan means that it is done, and its
 * users are settled; what newly appeared is for the caller to apply. Where the host does not come to rest it goes to
 * attention instead.
 */
export async function verify(
  deps: Dependencies,
  { operation, chunk, round }: ChunkRef & { round: number },
): Promise<Verified> {
  return deps.database.snapshot(async (sql) => {
    const { users, steps } = await planRest(sql, deps.host, { operation, chunk, round });
    if (steps.length > 0 && round < lastRound)
      return { steps, applied: 0, conflicts: 0, users: 0, isolated: 0 };
    const problems = new Map<UserId, Problem>(users.map((user) => [user, restless(user)]));
    for (const [user, problem] of await unrestored(sql, deps.host, operation, chunk))
      problems.set(user, problem);
    await noteUnrestored(sql, operation, problems);
    await settleTargets(sql, operation, refusals(problems));
    await settleChunk(sql, operation, chunk);
    const [tally, settled, isolated] = await Promise.all([
      tallyChunk(sql, operation, chunk),
      countSettled(sql, operation, chunk),
      countIsolated(sql, operation, chunk),
    ]);
    return { steps: [], ...tally, users: settled, isolated };
  });
}

function restless(user: UserId): Problem {
  return {
    type: 'PlanChanged',
    message: `user ${user}: some changes could not be applied: the host keeps changing, or keeps what they would take`,
  };
}

/** Operations that put something back, and list what they cannot. */
const restores: ReadonlySet<OperationKind> = new Set(['undoOperation', 'reinstateUser']);

/** Of what an undo or a reinstatement was to put back, what it could not, and why. */
async function unrestored(
  sql: Sql,
  host: Dependencies['host'],
  id: string,
  chunk: number,
): Promise<Map<UserId, Problem>> {
  const { kind } = await requireOperation(sql, id);
  if (!restores.has(kind)) return new Map();
  const missing = await notTakenBack(sql, id, chunk);
  if (missing.length === 0) return new Map();
  const found = await host.undoObstacles(sql, missing);
  return notRestored(missing, new Map(found.map((change) => [change.id, change.obstacle])));
}
