import type { Dependencies } from './dependencies.ts';
import { requiredAmong } from './qualification-gaps.ts';
import type { Step } from '../contracts/changes.ts';
import { registrationKey } from '../contracts/ids.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';
import { leaveChanges, pendingRegistrations } from '../ledger/amendments.ts';
import { insertChanges } from '../ledger/changes.ts';
import { insertNotes } from '../ledger/notes.ts';
import { enrol } from '../rules/qualifications.ts';

/** The steps that enrol because of a qualification. */
export type EnrollingStep = Extract<Step, 'removeRegistrations' | 'enrolQualified'>;

export function enrols(step: Step): step is EnrollingStep {
  return step === 'removeRegistrations' || step === 'enrolQualified';
}

/**
 * Looks at the qualifications again in the very transaction that removes and enrols, with profiles and rules locked: whoever
 * needs a removed registration by now is enrolled with the removal, so that nobody ever sees the gap, and whoever no longer
 * does is not, however long the plan has waited. What is enrolled beyond the plan is in a round of its own.
 */
export async function renewEnrolments(
  sql: Sql,
  host: Dependencies['host'],
  run: { operation: string; chunk: number; step: EnrollingStep },
  users: readonly UserId[] | null,
): Promise<void> {
  const pending = await pendingRegistrations(sql, run, users);
  const { required, notes } = await requiredAmong(sql, host, pending, 'lock');
  const needed = new Set(required.map(registrationKey));
  const planned = pending.filter(({ kind }) => kind === 'registration.add');
  const known = new Set(planned.map(registrationKey));
  const late = required.filter((requirement) => !known.has(registrationKey(requirement)));
  const needless = planned.filter((change) => !needed.has(registrationKey(change)));
  await leaveChanges(
    sql,
    needless.map(({ id }) => id),
  );
  const place = { operation: run.operation, chunk: run.chunk, round: 2 };
  if (late.length > 0) {
    await insertChanges(
      sql,
      place,
      late.map((requirement) => enrol(requirement, run.step)),
    );
  }
  await insertNotes(sql, run.operation, notes);
}
