import { readActor } from './planner.ts';
import type { Decisions, OperationContext, PlanContext } from './planner.ts';
import { requiredAmong } from './qualification-gaps.ts';
import { requireRegistrations } from './require-registrations.ts';
import { textOf } from '../contracts/changes.ts';
import type { PlannedChange } from '../contracts/changes.ts';
import type { RegistrationFact, RegistrationKey } from '../contracts/facts.ts';
import { registrationKey } from '../contracts/ids.ts';
import { conflictsAbout } from '../ledger/amendments.ts';
import { registrationsNamed, settleTargets } from '../ledger/targets.ts';
import type { Settlement } from '../ledger/targets.ts';
import { insertNotes } from '../ledger/notes.ts';
import { enrol } from '../rules/qualifications.ts';
import {
  changedSince,
  isUnenrolled,
  removalJudge,
  removeForGood,
  unenrol,
  unenrolmentJudge,
} from '../rules/registrations.ts';

/** Unenrolling. */
export const unenrolment: Decisions = {
  judge: (context) => judgeLines(context, unenrolmentJudge),
  plan: planUnenrolment,
  rest: unenrolmentRest,
};

/** Removing registrations for good, and enrolling again whom a qualification requires to be. */
export const registrationRemoval: Decisions = {
  judge: (context) => judgeLines(context, removalJudge),
  plan: planRemoval,
  rest: leaveWhatHasChanged,
};

/** @throws Refusal InvalidInput on a host whose registrations are not known */
export function admitRegistrations({ host }: OperationContext): Promise<void> {
  requireRegistrations(host);
  return Promise.resolve();
}

async function judgeLines(context: PlanContext, judge: typeof unenrolmentJudge): Promise<Settlement[]> {
  const { sql, operation, users } = context;
  return verdictsOn(context, await registrationsNamed(sql, operation.id, users, 'open'), judge);
}

/** What becomes of registrations that no line of the operation names yet: for the check of an import (I-06). */
export function foreseen(
  context: OperationContext,
  named: readonly RegistrationKey[],
): Promise<Settlement[]> {
  const judge = context.operation.kind === 'unenrolUsers' ? unenrolmentJudge : removalJudge;
  return verdictsOn(context, named, judge);
}

async function verdictsOn(
  context: OperationContext,
  lines: readonly RegistrationKey[],
  judge: typeof unenrolmentJudge,
): Promise<Settlement[]> {
  const { sql, host } = context;
  const [facts, actor, platform] = await Promise.all([
    requireRegistrations(host).facts(sql, lines),
    readActor(context),
    host.platform(sql),
  ]);
  const verdictOn = judge(facts, actor, platform);
  return lines.map((line): Settlement => {
    const verdict = verdictOn(line);
    if (verdict.is === 'refused') return { ...line, state: 'attention', problem: verdict.problem };
    return { ...line, state: verdict.is };
  });
}

/** The registrations of the lines that were accepted, as they are now; those that are gone are left out. */
async function acceptedRegistrations({
  sql,
  host,
  operation,
  users,
}: PlanContext): Promise<RegistrationFact[]> {
  const lines = await registrationsNamed(sql, operation.id, users, 'accepted');
  const { registrations } = await requireRegistrations(host).facts(sql, lines);
  return inOrderOf(lines, registrations);
}

/** Facts come in the order of ids, plans are in the order of lines. */
function inOrderOf<Row extends RegistrationKey>(
  lines: readonly RegistrationKey[],
  rows: readonly Row[],
): Row[] {
  const found = new Map(rows.map((row) => [registrationKey(row), row]));
  return lines.flatMap((line) => found.get(registrationKey(line)) ?? []);
}

async function planUnenrolment(context: PlanContext): Promise<PlannedChange[]> {
  const registrations = await acceptedRegistrations(context);
  return registrations.filter((registration) => !isUnenrolled(registration)).map(unenrol);
}

/** What met somebody else's change, and can be unenrolled as it is now, is; what cannot any more is reported. */
async function unenrolmentRest(context: PlanContext): Promise<PlannedChange[]> {
  const { sql, operation, users } = context;
  const missed = await conflictsAbout(sql, operation.id, users, 'registration.unenrol');
  if (missed.length === 0) return [];
  const verdicts = await verdictsOn(context, missed, unenrolmentJudge);
  await settleTargets(
    sql,
    operation.id,
    verdicts.filter(({ state }) => state === 'attention'),
  );
  const keys = new Set(missed.map(registrationKey));
  const changes = await planUnenrolment(context);
  return changes.filter(({ user, item }) =>
    keys.has(registrationKey({ user, activity: textOf(item, 'activity') })),
  );
}

async function planRemoval(context: PlanContext): Promise<PlannedChange[]> {
  const { sql, host, operation } = context;
  const registrations = await acceptedRegistrations(context);
  const [history, { required, notes }] = await Promise.all([
    requireRegistrations(host).history(sql, registrations),
    requiredAmong(sql, host, registrations, 'no-lock'),
  ]);
  await insertNotes(sql, operation.id, notes);
  const kinds = new Map(history.map((row) => [registrationKey(row), row.kinds]));
  return [
    ...registrations.map((row) => removeForGood(row, kinds.get(registrationKey(row)) ?? {})),
    ...inOrderOf(registrations, required).map((requirement) => enrol(requirement, 'removeRegistrations')),
  ];
}

/**
 * What was approved is removed, and nothing else for ever: where there is another registration or history by now, it stays, and
 * needs attention. One that was gone already has its successor from the same step.
 */
async function leaveWhatHasChanged({ sql, host, operation, users }: PlanContext): Promise<PlannedChange[]> {
  const kept = await conflictsAbout(sql, operation.id, users, 'registration.remove');
  if (kept.length === 0) return [];
  const { facts, history } = requireRegistrations(host);
  const [{ registrations }, remains] = await Promise.all([facts(sql, kept), history(sql, kept)]);
  await settleTargets(
    sql,
    operation.id,
    [...registrations, ...remains].map(({ user, activity }) => {
      const problem = changedSince({ user, activity });
      return { user, activity, state: 'attention' as const, problem };
    }),
  );
  return [];
}
