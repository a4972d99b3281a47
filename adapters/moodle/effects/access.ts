import type { EffectStatement, HostEffect } from '../../host-lms.ts';
import type { MoodlePolicy } from '../moodle-policy.ts';
import { cohortDeparture, losesEnrolment } from './cohort-departure.ts';
import type { Departure } from './cohort-departure.ts';
import { dropInstances } from './drop-instances.ts';
import { unlinked } from './instances.ts';
import { leaveCourses } from './leave-courses.ts';
import { act, expectMany } from './prelude.ts';
import { putBack } from './put-back.ts';
import { consequences, rewound } from './rejoin-groups.ts';
import { returningEnrolments } from './returning-enrolments.ts';
import { homeless } from './spare-completed.ts';

/**
 * `places`: every enrolment of the users in the courses in question, locked. `lost` are those of the links that the operation takes away,
 * whichever of the two changes comes first; `closed` those of cohorts that hold the course no more.
 */
const places = /* sql */ `
  places as materialized (
    select t.id as change_id, ue.userid, e.id as enrolid, u.id is not null as lost, e.enrol = 'cohort' and e.status <> 0 as closed,
           ue.status = 0 and (e.status = 0 or u.id is not null) and ue.timestart <= act.now
             and (ue.timeend = 0 or ue.timeend > act.now) as opens
      from todo t ${expectMany}
     cross join act
      join {enrol} e on e.courseid = case when t.item->>'activity' ~ '^[0-9]{1,18}$' then (t.item->>'activity')::bigint end
      join {user_enrolments} ue on ue.enrolid = e.id and ue.userid = t.user_id::bigint
      left join unlinked u on u.id = e.id
     order by ue.id for update of ue)`;

/**
 * Where the rules hold: all that the cohorts of then gave, while it lets in and nothing else does. Whoever has another enrolment by now
 * keeps the course as it is: a conflict.
 */
const leavingByRules = /* sql */ `
  leaving as materialized (
    select p.change_id, p.userid, p.enrolid from places p
     where (p.lost or p.closed) and p.change_id in (
       select o.change_id from places o group by o.change_id
       having bool_or(o.lost and o.opens) and not bool_or(o.opens and not o.lost)))`;

const leavingByHabit = /* sql */ `
  leaving as materialized (select p.change_id, p.userid, p.enrolid from places p where p.lost)`;

const byRules: Departure = { policy: 'rules', hangs: losesEnrolment, action: '2', closedByUs: true };
const byHabit: Departure = { policy: 'host', hangs: losesEnrolment, action: '0', closedByUs: true };

/** Of a user who has completed the course meanwhile, or a child of it, and cannot be kept in it, nothing is taken. */
function decide(departure: Departure, prelude: string): EffectStatement {
  const asked = 'select distinct l.change_id from leaving l';
  if (departure.policy === 'host') return { ctes: `${prelude}, decided as (${asked})`, images: [] };
  return {
    ctes: [
      prelude,
      cohortDeparture(departure),
      homeless,
      `decided as (${asked} where l.change_id not in (select change_id from homeless))`,
    ].join(','),
    images: [],
  };
}

/**
 * access.revoke, where a cohort holds a course no more. Where the rules hold the enrolment is suspended and nothing else is changed: roles,
 * groups and grades stay, and all of it counts again when the method is opened again (C-01). A course completed since the plan
 * is spared (C-02). Under the policy `host` it is what Moodle does to each participant when the method is deleted. Copies by
 * enrol_meta follow in both.
 */
export function revokeAccess(policy: MoodlePolicy): HostEffect {
  const rules = policy === 'rules';
  const departure = rules ? byRules : byHabit;
  const prelude = [act, unlinked('any'), places, rules ? leavingByRules : leavingByHabit].join(',');
  return {
    statements: [
      decide(departure, prelude),
      leaveCourses(departure, { prelude }),
      ...(rules ? [] : dropInstances),
    ],
  };
}

/**
 * The methods that the removal has deleted, closed as they were then: enrolments need them, and the link may not be back yet. Of
 * several chunks that try at once one inserts them; the others wait for it and must not go by what they see.
 */
const raised = /* sql */ `
  raisable as materialized (
    select r.* from lms_lifecycle.change k
      join lms_lifecycle.row_image i on i.change_id = k.id and i.table_name = '{enrol}' and i.after is null
     cross join lateral jsonb_populate_record(null::{enrol}, i.before) r
     where k.user_id = '' and k.kind = 'link.remove'
       and k.operation_id in (
         select o.operation_id from lms_lifecycle.change o where o.id = (select min(t.undoes) from todo t))
       and exists (select from {course} c where c.id = r.courseid)
       and exists (select from {cohort} h where h.id = r.customint1)
     order by r.id),
  raised as (
    insert into {enrol} select * from raisable on conflict do nothing returning to_jsonb({enrol}) as after),
  raised_images as (
    select (select min(id) from todo) as change_id, '{enrol}' as table_name, null::jsonb as before, r.after from raised r)`;

/** access.grant, in an undo. */
export const grantAccess: HostEffect = {
  statements: [
    {
      ctes: [raised, returningEnrolments('r.enrolid in (select id from raisable)')].join(','),
      images: ['raised_images'],
    },
    rewound,
    putBack(consequences),
  ],
};
