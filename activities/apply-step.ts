import type { Dependencies } from './dependencies.ts';
import type { ChunkRef } from './plan.ts';
import type { ChangeKind, Step } from '../contracts/changes.ts';
import { applyEffect } from '../ledger/apply-effect.ts';
import { leaveAlone } from '../ledger/changes.ts';

/** The kinds of each step, in the order in which they are applied. */
const kindsOfStep: Record<Step, readonly ChangeKind[]> = {
  transferOwnership: ['ownership.transfer', 'co-role.remove'],
  leaveSlots: ['slot.leave'],
  leaveSessions: ['session.leave'],
  leaveGroups: ['membership.remove'],
  retireAccounts: ['account.retire'],
  reinstateAccounts: ['account.reinstate'],
  rejoinGroups: ['membership.add'],
  rejoinSessions: ['session.join'],
  rejoinSlots: ['slot.join'],
  returnOwnership: ['ownership.transfer', 'co-role.add'],
};

/** Before anything of a deletion is applied, nobody may be among its users who has become the platform owner (D-14). */
const firstOfDeletion: Step = 'transferOwnership';

export interface StepOutcome {
  applied: number;
  conflicts: number;
}

/** Applies what is pending in one step of a chunk, in one transaction. Again: nothing is pending any more. */
export async function applyStep(
  deps: Dependencies,
  step: Step,
  { operation, chunk }: ChunkRef,
): Promise<StepOutcome> {
  return deps.database.transaction(async (sql) => {
    const [, { rows }] = await Promise.all([
      // A retry may overlap with a try that was given up for dead; the second waits here, and then finds nothing pending.
      sql.query(`select pg_advisory_xact_lock(hashtextextended($1, $2))`, [operation, chunk]),
      sql.query<{ kind: ChangeKind }>(
        `select distinct kind from lms_lifecycle.change
          where operation_id = $1 and chunk = $2 and step = $3 and state = 'pending'`,
        [operation, chunk, step],
      ),
    ]);
    const pending = new Set(rows.map((row) => row.kind));
    const outcome: StepOutcome = { applied: 0, conflicts: 0 };
    if (step === firstOfDeletion) {
      const { owner } = await deps.host.platform(sql);
      outcome.conflicts += await leaveAlone(sql, { operation, chunk }, owner);
    }
    for (const kind of kindsOfStep[step].filter((kind) => pending.has(kind))) {
      const effect = deps.host.effects[kind];
      if (!effect) throw new Error(`the ${deps.host.name} host cannot carry out ${kind}`);
      const { applied, conflicts } = await applyEffect(sql, { operation, chunk, step, kind }, effect);
      outcome.applied += applied;
      outcome.conflicts += conflicts;
    }
    return outcome;
  });
}
