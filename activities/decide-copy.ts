import { readActor, refusals, settle } from './planner.ts';
import type { Decisions, OperationContext, PlanContext } from './planner.ts';
import { requireRegistrations } from './require-registrations.ts';
import type { PlannedChange } from '../contracts/changes.ts';
import type { ActivityFact, CourseActivityFact } from '../contracts/facts.ts';
import { Refusal } from '../contracts/failures.ts';
import { copyActivitySchema } from '../contracts/operations.ts';
import { conflictsAbout } from '../ledger/amendments.ts';
import type { Settlement } from '../ledger/targets.ts';
import { copy, copyRefused, notCopied } from '../rules/copying.ts';

/** Copying an activity inside a course, for somebody who is to own the copy (D-12). */
export const copying: Decisions = { judge, plan, rest };

/** @throws Refusal NotFound for the activity, or the course that the copy is to be in */
export async function admitCopy(context: OperationContext): Promise<void> {
  await askedCopy(context);
}

async function askedCopy({
  sql,
  host,
  operation,
}: OperationContext): Promise<{ activity: CourseActivityFact; course: ActivityFact }> {
  const { activity: id, course: named } = copyActivitySchema.parse(operation.input);
  const { findCourseActivity, findCourse } = requireRegistrations(host);
  const activity = await findCourseActivity(sql, id);
  if (!activity) throw new Refusal('NotFound', 'input.activity: there is no such activity');
  const course = await findCourse(sql, named ?? activity.course);
  if (!course) throw new Refusal('NotFound', 'input.course: there is no such course');
  return { activity, course };
}

async function judge(context: PlanContext): Promise<Settlement[]> {
  const { sql, host, users } = context;
  const { course } = await askedCopy(context);
  const [newOwner] = await host.users(sql, users);
  if (!newOwner) throw new Refusal('NotFound', 'input.newOwner: there is no such user');
  const problem = copyRefused(await readActor(context), newOwner, course, await host.platform(sql));
  return problem ? refusals(new Map([[newOwner.id, problem]])) : [{ user: newOwner.id, state: 'accepted' }];
}

async function plan(context: PlanContext): Promise<PlannedChange[]> {
  const { activity, course } = await askedCopy(context);
  return context.users.map((user) => copy(activity, course, user));
}

/** Once is enough: a copy that could not be made is told. */
async function rest(context: PlanContext): Promise<PlannedChange[]> {
  const { sql, operation, users } = context;
  const missed = await conflictsAbout(sql, operation.id, users, 'activity.copy');
  await settle(context, new Map(missed.map(({ user }) => [user, notCopied(user)])));
  return [];
}
