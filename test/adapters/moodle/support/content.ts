import { randomUUID } from 'node:crypto';
import { linkRemoval } from '../../../../activities/decide-links.ts';
import type { HostLms } from '../../../../adapters/host-lms.ts';
import type { PlannedChange, Step } from '../../../../contracts/changes.ts';
import type { OperationRow } from '../../../../ledger/operations.ts';
import type { MoodleSite } from './moodle-site.ts';
import { carryOut } from './operations.ts';
import type { Outcome } from './operations.ts';

/** What is taken from which cohort. */
export type Taken = { group: string; courses: string[] } | { group: string; paths: string[] };

/** The links go, and come back, before the users; or after them, where they had to be tried again. */
export const orders: readonly (readonly [string, readonly Step[], readonly Step[]])[] = [
  ['links first', ['removeLinks', 'deassignContent'], ['restoreLinks', 'assignContent']],
  ['users first', ['deassignContent', 'removeLinks'], ['assignContent', 'restoreLinks']],
];

/** The links first, then the users, as the activities plan it. */
export async function planTaking({ sql }: MoodleSite, host: HostLms, taken: Taken): Promise<PlannedChange[]> {
  const kind = 'courses' in taken ? 'removeCoursesFromGroup' : 'removePathsFromGroup';
  const input = { ...taken, requestedBy: '2' };
  const operation = { id: randomUUID(), kind, input, requestedBy: '2' } as unknown as OperationRow;
  const context = { sql, host, operation };
  const users = (await host.content?.members(sql, { group: taken.group }, null, 10_000)) ?? [];
  const links = (await linkRemoval.frame?.(context)) ?? [];
  return [...links, ...(await linkRemoval.plan({ ...context, users }))];
}

/** Takes content from a cohort; without the workflow around it. */
export async function takeContent(
  site: MoodleSite,
  host: HostLms,
  taken: Taken,
  order?: readonly Step[],
): Promise<Outcome> {
  const changes = await planTaking(site, host, taken);
  return carryOut(site, host, { changes, requestedBy: '2', undoes: null, ...(order && { order }) });
}

/** The enrolments and roles of a user in a course, in words. */
export async function placeOf({ sql }: MoodleSite, user: number, course: number): Promise<string[]> {
  const { rows } = await sql.query<{ text: string }>(
    `select e.enrol || ' ' || ue.status || ' ' || ue.timestart || ' ' || ue.timeend as text
       from mdl_user_enrolments ue join mdl_enrol e on e.id = ue.enrolid where ue.userid = $1 and e.courseid = $2
     union all
     select 'role ' || a.roleid || ' ' || a.component
       from mdl_role_assignments a join mdl_context c on c.id = a.contextid
      where a.userid = $1 and c.contextlevel = 50 and c.instanceid = $2 order by 1`,
    [user, course],
  );
  return rows.map(({ text }) => text.trim());
}
