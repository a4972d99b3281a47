import { readActor } from './planner.ts';
import type { Decisions, OperationContext, PlanContext } from './planner.ts';
import { gapsOf } from './qualification-gaps.ts';
import { requireRegistrations } from './require-registrations.ts';
import type { PlannedChange } from '../contracts/changes.ts';
import { Refusal } from '../contracts/failures.ts';
import type { Settlement } from '../ledger/targets.ts';
import { insertNotes } from '../ledger/notes.ts';
import { adminOnly } from '../rules/authorization.ts';
import { enrol } from '../rules/qualifications.ts';

/**
 * The sweep of R-07: whoever lacks a registration that a qualification requires gets it. It looks once and has no rest: where
 * something takes away again what it gives, it would else give for ever.
 */
export const reconciliation: Decisions = { judge, plan };

/** @throws Refusal NotAuthorized: what schedules and webhooks do, nobody else may start but platform admins (rules A) */
export async function admitReconciliation(context: OperationContext): Promise<void> {
  const { sql, host } = context;
  requireRegistrations(host);
  const problem = adminOnly(await readActor(context), await host.platform(sql), 'reconcile qualifications');
  if (problem) throw new Refusal(problem.type, problem.message);
}

async function judge({ sql, host, operation, users }: PlanContext): Promise<Settlement[]> {
  const { required, notes } = await gapsOf(sql, host, users);
  await insertNotes(sql, operation.id, notes);
  const lacking = new Set(required.map(({ user }) => user));
  return users.map((user) => ({ user, state: lacking.has(user) ? 'accepted' : 'unchanged' }));
}

async function plan({ sql, host, users }: PlanContext): Promise<PlannedChange[]> {
  const { required } = await gapsOf(sql, host, users);
  return required.map((requirement) => enrol(requirement, 'enrolQualified'));
}
