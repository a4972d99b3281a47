import { log } from '@temporalio/activity';
import type { Dependencies } from './dependencies.ts';
import { isolationOf } from './isolation.ts';
import { requireOpen } from './operation.ts';
import type { ChunkRef } from './operation.ts';
import { enrols, renewEnrolments } from './renew-enrolments.ts';
import type { ChangeKind, Step } from '../contracts/changes.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';
import { applyEffect } from '../ledger/apply-effect.ts';
import { isolateUser } from '../ledger/attention.ts';
import { leaveWhatFollows, pendingInStep, pendingUsers } from '../ledger/changes.ts';

/** The kinds of each step, in the order in which they are applied. */
const kindsOfStep: Record<Step, readonly ChangeKind[]> = {
  updateProfiles: ['profile.update'],
  removeLinks: ['link.remove'],
  restoreLinks: ['link.add'],
  transferOwnership: ['ownership.transfer', 'co-role.remove'],
  leaveSlots: ['slot.leave'],
  leaveSessions: ['session.leave'],
  leaveGroups: ['membership.remove'],
  deassignContent: ['access.revoke', 'registration.remove'],
  unenrol: ['registration.unenrol'],
  reenrol: ['registration.reenrol'],
  // In one transaction: whoever must be registered never is not.
  removeRegistrations: ['registration.remove', 'registration.add'],
  enrolQualified: ['registration.add'],
  copyActivities: ['activity.copy'],
  removeCopies: ['activity.remove'],
  retireAccounts: ['account.retire'],
  deleteGroups: ['group.move', 'group.delete'],
  restoreGroups: ['group.add', 'group.move'],
  reinstateAccounts: ['account.reinstate'],
  joinGroups: ['membership.add'],
  joinSessions: ['session.join'],
  joinSlots: ['slot.join'],
  assignContent: ['access.grant', 'registration.add'],
  returnOwnership: ['ownership.transfer', 'co-role.add'],
};

/** Who has not come back gets nothing back; groups go by the profile that was to be. */
const leading: ReadonlySet<ChangeKind> = new Set(['account.reinstate', 'profile.update']);

export interface StepOutcome {
  applied: number;
  conflicts: number;
}

/** One step of a chunk, and which try of the activity this is. */
interface StepRun extends ChunkRef {
  step: Step;
  attempt: number;
}

/**
 * Applies what is pending in one step of a chunk. Again: nothing is pending any more. Where the host refuses, the
 * users are halved until whoever it refuses is alone; they are isolated, and the others go on.
 */
export async function applyStep(
  deps: Dependencies,
  step: Step,
  { operation, chunk }: ChunkRef,
  attempt: number,
): Promise<StepOutcome> {
  return applyOrSplit(deps, { operation, chunk, step, attempt }, null);
}

async function applyOrSplit(
  deps: Dependencies,
  run: StepRun,
  part: readonly UserId[] | null,
): Promise<StepOutcome> {
  try {
    return await applyPart(deps, run, part);
  } catch (error) {
    const isolation = isolationOf(error, run.attempt);
    if (isolation === null) throw error;
    // Once for the chunk: who it is comes out by halving, and stands in the ledger.
    if (part === null) log.warn('the host refuses a change', { reason: isolation.because });
    const users = part ?? (await stillPending(deps, run));
    if (isolation.splits && users.length > 1) return splitAndApply(deps, run, users);
    await deps.database.transaction(async (sql) => {
      for (const user of users) await isolateUser(sql, run.operation, user, isolation.problem(user));
    });
    return { applied: 0, conflicts: 0 };
  }
}

async function splitAndApply(
  deps: Dependencies,
  run: StepRun,
  users: readonly UserId[],
): Promise<StepOutcome> {
  const middle = Math.ceil(users.length / 2);
  const left = await applyOrSplit(deps, run, users.slice(0, middle));
  const right = await applyOrSplit(deps, run, users.slice(middle));
  return { applied: left.applied + right.applied, conflicts: left.conflicts + right.conflicts };
}

function stillPending(deps: Dependencies, { operation, chunk, step }: StepRun): Promise<UserId[]> {
  return deps.database.transaction((sql) => pendingUsers(sql, operation, chunk, step));
}

/** In one transaction, so that a step of a user is done as a whole or not at all. */
async function applyPart(
  deps: Dependencies,
  run: StepRun,
  part: readonly UserId[] | null,
): Promise<StepOutcome> {
  const { operation, chunk, step } = run;
  return deps.database.transaction(async (sql) => {
    const [, pending] = await Promise.all([
      // A retry may overlap with a try that was given up for dead; the second waits here, and then finds nothing pending.
      sql.query(`select pg_advisory_xact_lock(hashtextextended($1, $2))`, [operation, chunk]),
      pendingInStep(sql, operation, chunk, step),
      requireOpen(sql, operation),
    ]);
    const isolated = part === null && pending.isolation;
    const users = isolated ? await pendingUsers(sql, operation, chunk, step) : part;
    if (!enrols(step)) return applyKinds(deps, sql, run, pending.kinds, users);
    await renewEnrolments(sql, deps.host, { operation, chunk, step }, users);
    return applyKinds(deps, sql, run, [...pending.kinds, 'registration.add'], users);
  });
}

async function applyKinds(
  deps: Dependencies,
  sql: Sql,
  { operation, chunk, step }: StepRun,
  pending: readonly ChangeKind[],
  users: readonly UserId[] | null,
): Promise<StepOutcome> {
  const outcome: StepOutcome = { applied: 0, conflicts: 0 };
  for (const kind of kindsOfStep[step].filter((kind) => pending.includes(kind))) {
    const effect = deps.host.effects[kind];
    if (!effect) throw new Error(`the ${deps.host.name} host cannot carry out ${kind}`);
    const { applied, conflicts } = await applyEffect(sql, { operation, chunk, step, kind, users }, effect);
    outcome.applied += applied;
    outcome.conflicts += conflicts;
    if (leading.has(kind) && conflicts > 0) {
      outcome.conflicts += await leaveWhatFollows(sql, { operation, chunk }, kind);
    }
  }
  return outcome;
}
