import { upheld } from './effects/cohort-departure.ts';
import { authorship } from './effects/prelude.ts';
import type { MoodlePolicy } from './moodle-policy.ts';
import { opens } from './read-content-facts.ts';

/** Whether the enrolment `ue` by the instance `e` is one that enrol_meta copies from a parent course, where its user still is. */
const copied = /* sql */ `(
  e.enrol = 'meta' and exists (
    select from {enrol} pe join {user_enrolments} pue on pue.enrolid = pe.id
     where pe.courseid = e.customint1 and pe.enrol <> 'meta' and pue.userid = ue.userid))`;

/** Methods that follow a list elsewhere: whom they have let in Moodle itself refuses to unenrol by hand (Moodle 4.5: read). */
const followsAnotherList = `(e.enrol in ('category', 'database', 'ldap') and ue.status = 0)`;

/**
 * `(key, userid, courseid, id, enrolid, enrol, opens, method, rank, is_over, stays, comes_back, source)`: every enrolment of the users
 * of `keys(key, userid, courseid)` in those courses.
 *
 * - `is_over`: unenrolled. Suspended; but what a cohort keeps up, Moodle opens again unless its date has come, too.
 * - `stays`: cannot be unenrolled, because something else decides about it. Under the policy `host` that holds for whom a cohort
 *   keeps enrolled, as in Moodle; where the rules hold such an enrolment can end by its date.
 * - `comes_back`: Moodle's own synchronisation would make it anew, were it removed.
 */
export function enrolmentsOf(keys: string, policy: MoodlePolicy): string {
  return /* sql */ `
  select g.key, g.userid, g.courseid, ue.id, e.id as enrolid, e.enrol, ${opens} as opens, c.copied,
         case e.enrol when 'self' then 'self' when 'meta' then 'auto' else 'admin' end as method,
         case e.enrol when 'cohort' then 1 when 'manual' then 2 when 'self' then 3 when 'meta' then 5 else 4 end as rank,
         case when c.upheld and '${policy}' = 'rules' then ue.timeend <> 0 and ue.timeend <= floor(extract(epoch from now()))
              else ue.status = 1 end as is_over,
         ${followsAnotherList} or ue.status = 0 and (c.copied ${policy === 'host' ? 'or c.upheld' : ''}) as stays,
         ${followsAnotherList} or c.copied or c.upheld and e.status = 0 as comes_back,
         case e.enrol when 'cohort' then 'cohort:' || e.customint1 when 'meta' then 'course ' || e.customint1
              else 'enrol_' || e.enrol end as source
    from ${keys} g
    join {enrol} e on e.courseid = g.courseid
    join {user_enrolments} ue on ue.enrolid = e.id and ue.userid = g.userid
   cross join lateral (select ${upheld} as upheld, ${copied} as copied) c`;
}

/**
 * `(key, userid, courseid, method, status, access, listed_as, stays, comes_back, holds_post)`: all enrolments of a user in a course as one
 * registration. `stays` and `comes_back` are where it is kept up from, null where by nothing; `holds_post`: the user is an author of
 * the course, and would lose that with the enrolment, for nobody to follow; under the policy `host` nobody minds. Moodle lists nothing under Completed that
 * lets nobody in: listed so is what has been unenrolled, or is completed and open.
 */
export function registrationsOf(keys: string, policy: MoodlePolicy): string {
  return /* sql */ `
  select p.key, p.userid, p.courseid, (array_agg(p.method order by p.opens desc, p.rank))[1] as method, s.status,
         bool_or(p.opens) as access,
         case when bool_and(p.is_over) or bool_or(p.opens) and s.status = 'completed' then 'completed' else 'current' end as listed_as,
         string_agg(distinct p.source, ', ') filter (where p.stays) as stays,
         string_agg(distinct p.source, ', ') filter (where p.comes_back) as comes_back,
         ${policy === 'host' ? 'false' : `exists (select from (${authorship}) a where a.userid = p.userid and a.courseid = p.courseid)`} as holds_post
    from (${enrolmentsOf(keys, policy)}) p
   cross join lateral (
     select ${statusOf('p')} as status) s
   group by p.key, p.userid, p.courseid, s.status`;
}

/** How far the user of `g(userid, courseid)` has come. */
export const statusOf = (g: string): string => /* sql */ `coalesce((
  select case when max(k.timecompleted) > 0 then 'completed' when max(k.timestarted) > 0 then 'in_progress' else 'enrolled' end
    from {course_completions} k where k.userid = ${g}.userid and k.course = ${g}.courseid), 'enrolled')`;
