import type { HostEffect } from '../../host-lms.ts';
import { enrolmentsOf, registrationsOf } from '../enrolments.ts';
import type { MoodlePolicy, MoodleUnenrol } from '../moodle-policy.ts';
import { askedRegistrations } from './asked-registrations.ts';
import { losesEnrolment } from './cohort-departure.ts';
import type { Departure } from './cohort-departure.ts';
import { leaveCourses } from './leave-courses.ts';
import { act, expectMany } from './prelude.ts';
import { putBack } from './put-back.ts';
import { consequences, rewound } from './rejoin-groups.ts';
import { returningEnrolments } from './returning-enrolments.ts';

/**
 * `leaving`: every enrolment of the users in the courses, but for copies by enrol_meta, which follow their parent. Compared: that the
 * registration is as the plan has seen it, of a living user, and that nothing else keeps it up by now.
 */
const leaving = (policy: MoodlePolicy): string => /* sql */ `
  living as materialized (
    select u.id from {user} u where u.id in (select userid from asked) and u.deleted = 0 order by u.id for share of u),
  locked as materialized (
    select ue.id from asked g join {enrol} e on e.courseid = g.courseid
      join {user_enrolments} ue on ue.enrolid = e.id and ue.userid = g.userid ${expectMany} order by ue.id for update of ue),
  as_planned as materialized (
    select r.key from (${registrationsOf('asked', policy)}) r
      join asked g on g.key = r.key join living l on l.id = r.userid
     where r.access = (g.before->>'access')::boolean and r.listed_as = g.before->>'listedAs' and r.stays is null),
  leaving as materialized (
    select p.key as change_id, p.userid, p.enrolid from (${enrolmentsOf('asked', policy)}) p
     where p.id in (select id from locked) and p.key in (select key from as_planned) and not p.copied)`;

/** In the statements after the first, which has compared: what it has found stays locked, and is as it was. */
const prelude = (policy: MoodlePolicy): string => [act, askedRegistrations(), leaving(policy)].join(',');

/**
 * registration.unenrol: all enrolments of the user in the course are suspended, with everything that hangs on them kept; or removed
 * as Moodle's own unenrolment does, where the site wants that. Where the rules hold, what a cohort keeps up ends by its date instead, and
 * no completion is lost with its grade. Copies by enrol_meta in child courses follow.
 */
export function unenrol(policy: MoodlePolicy, manner: MoodleUnenrol): HostEffect {
  const rules = policy === 'rules';
  const departure: Departure = {
    policy: 'host',
    hangs: losesEnrolment,
    action: manner === 'remove' ? '0' : '2',
    ...(rules && { datesUpheld: true }),
  };
  const ctes = prelude(policy);
  return {
    statements: [
      { ctes: `${ctes}, decided as (select distinct l.change_id from leaving l)`, images: [] },
      leaveCourses(departure, { prelude: ctes, keepsCompletions: rules }),
    ],
  };
}

/** registration.reenrol, in an undo: row by row. */
export const reenrol: HostEffect = {
  statements: [{ ctes: returningEnrolments(), images: [] }, rewound, putBack(consequences)],
};
