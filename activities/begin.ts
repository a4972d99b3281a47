import { decisions } from './decisions.ts';
import type { Dependencies } from './dependencies.ts';
import { requireOpen } from './operation.ts';
import type { ChunkRef } from './operation.ts';
import { settle } from './planner.ts';
import type { Step } from '../contracts/changes.ts';
import { leaveAlone, pendingSteps } from '../ledger/changes.ts';
import { usersOfChunk } from '../ledger/targets.ts';

/** What there is to apply in a chunk. */
export interface Begun {
  /** The steps in which something is pending, in their order. */
  steps: Step[];
}

/**
 * Before a chunk's first change: whom the plan must not be applied to any more (the platform owner may have changed while
 * it waited, D-14) is left alone and put on the attention list. Again, and for users taken up once more: the same.
 */
export async function begin(deps: Dependencies, { operation: id, chunk }: ChunkRef): Promise<Begun> {
  return deps.database.transaction(async (sql) => {
    const [operation, users] = await Promise.all([
      requireOpen(sql, id),
      usersOfChunk(sql, id, chunk, ['accepted']),
    ]);
    const context = { sql, host: deps.host, operation, users };
    const spared = (await decisions[operation.kind].recheck?.(context)) ?? new Map<string, never>();
    await settle(context, spared);
    await leaveAlone(sql, { operation: id, chunk }, [...spared.keys()]);
    return { steps: await pendingSteps(sql, id, chunk) };
  });
}
