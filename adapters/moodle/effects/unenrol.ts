import type { HostEffect } from '../../host-lms.ts';
import { enrolmentsOf, registrationsOf } from '../enrolments.ts';
import type { MoodlePolicy, MoodleUnenrol } from '../moodle-policy.ts';
import { askedRegistrations, lockEnrolments } from './asked-registrations.ts';
import { losesEnrolment } from './cohort-departure.ts';
import type { Departure } from './cohort-departure.ts';
import { leaveCourses } from './leave-courses.ts';
import { act } from './prelude.ts';
import { putBack } from './put-back.ts';
import { consequences, rewound } from './rejoin-groups.ts';
import { returningEnrolments } from './returning-enrolments.ts';

/** Compared: that the registration is as the plan has seen it, of a living user, and that nothing speaks against it by now. */
const asPlanned = (policy: MoodlePolicy, manner: MoodleUnenrol): string => /* sql */ `
  living as materialized (
    select u.id from {user} u where u.id in (select userid from asked) and u.deleted = 0 order by u.id for share of u),
  as_planned as materialized (
    select r.key from (${registrationsOf('asked', policy)}) r
      join asked g on g.key = r.key join living l on l.id = r.userid
     where r.access = (g.before->>'access')::boolean and r.listed_as = g.before->>'listedAs' and r.stays is null
       ${manner === 'remove' ? 'and not r.holds_post' : ''})`;

/** Every enrolment of the users in the courses, but for copies by enrol_meta, which follow their parent. */
const leaving = (policy: MoodlePolicy): string => /* sql */ `
  leaving as materialized (
    select p.key as change_id, p.userid, p.enrolid from (${enrolmentsOf('asked', policy)}) p where not p.copied)`;

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
  const decided = 'decided as (select key as change_id from as_planned)';
  return {
    lock: lockEnrolments,
    statements: [
      { ctes: [askedRegistrations(), asPlanned(policy, manner), decided].join(','), images: [] },
      leaveCourses(departure, {
        prelude: [act, askedRegistrations(), leaving(policy)].join(','),
        keepsCompletions: rules,
      }),
    ],
  };
}

/** registration.reenrol, in an undo: row by row. */
export const reenrol: HostEffect = {
  statements: [{ ctes: returningEnrolments(), images: [] }, rewound, putBack(consequences)],
};
