import type { EffectStatement } from '../../host-lms.ts';
import { losesEnrolment } from './cohort-departure.ts';
import { flagDirtyCourses } from './dirty-users.ts';
import { lastOfAll, unlinked } from './instances.ts';
import { leaveCourses } from './leave-courses.ts';
import { logEvents } from './log-events.ts';
import { act } from './prelude.ts';

/**
 * Chunks run side by side, and the last of them must see what the others have done: whoever comes here waits until the one
 * before has committed (that of the link too: without it two could each take the other for the last), and the statement
 * after this one looks at the rows anew. Changes nothing.
 */
const waitForOthers: EffectStatement = {
  ctes: [
    unlinked('any'),
    'locked as (update {enrol} x set status = x.status from unlinked u where x.id = u.id)',
  ].join(','),
  images: [],
};

/** Instances that are still as this operation left them, once nothing else is pending. */
const finished = /* sql */ `
  finished as materialized (select u.* from unlinked u where u.status = 1 and ${lastOfAll})`;

/** Whoever the plan did not know of. */
const leaving = /* sql */ `
  leaving as materialized (
    select f.change_id, ue.userid, f.id as enrolid from finished f join {user_enrolments} ue on ue.enrolid = f.id)`;

/** Roles and groups of the method that nobody has an enrolment for: a fault of earlier days, which goes too. */
const orphans = (table: string): string => /* sql */ `
  orphaned_${table} as (
    delete from {${table}} x using finished f
     where x.component = 'enrol_cohort' and x.itemid = f.id
       and not exists (select from leaving l where l.enrolid = f.id and l.userid = x.userid)
    returning f.change_id, '{${table}}' as table_name, to_jsonb(x) as before, null::jsonb as after)`;

const dropped = /* sql */ `
  dropped as (
    delete from {enrol} x using finished f where x.id = f.id
    returning f.change_id, '{enrol}' as table_name, to_jsonb(x) as before, null::jsonb as after, x.courseid)`;

const logged = logEvents(
  'logged_instances',
  { event: 'enrol_instance_deleted', action: 'deleted', target: 'enrol_instance', objecttable: 'enrol' },
  /* sql */ `
    select f.id as objectid, c.id as contextid, f.courseid, null::bigint as relateduserid, '{"enrol":"cohort"}' as other
      from finished f join {context} c on c.contextlevel = 50 and c.instanceid = f.courseid`,
);

/**
 * Deletes enrolment methods with whoever is still in them, as Moodle's delete_instance does.
 *
 * @param defined CTEs that define `finished(change_id, id, courseid)`: the instances
 * @param more CTEs that log what else has happened
 */
export function deleteInstances(defined: readonly string[], more: readonly string[] = []): EffectStatement {
  const prelude = [act, ...defined, leaving].join(',');
  const log = [
    orphans('role_assignments'),
    orphans('groups_members'),
    dropped,
    logged,
    flagDirtyCourses('dropped'),
    ...more,
  ];
  const { ctes, images } = leaveCourses(
    { policy: 'host', hangs: losesEnrolment, action: '0', closedByUs: true },
    { prelude, log: log.join(',') },
  );
  return { ctes, images: [...images, 'orphaned_role_assignments', 'orphaned_groups_members', 'dropped'] };
}

/**
 * What ends the policy `host`'s removal of a course from a cohort, whichever change comes last: the enrolment methods themselves
 * go, with whoever is still in them, as Moodle's delete_instance does in one go. The images are those of the links' changes.
 * While somebody is left whom the host refused to change, the method stays, closed.
 */
export const dropInstances: readonly EffectStatement[] = [
  waitForOthers,
  deleteInstances([unlinked('applied'), finished]),
];
