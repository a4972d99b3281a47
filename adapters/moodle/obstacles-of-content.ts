import { groupReturns } from './obstacles-of-groups.ts';
import { notCopied } from './effects/meta-copies.ts';

/** The cohort and what it is to hold again, by number. */
const keys = /* sql */ `
  select g.id, g.item->>'type' as type,
         case when g.item->>'holder' ~ '^cohort:[0-9]{1,18}$' then split_part(g.item->>'holder', ':', 2)::bigint end as cohortid,
         case when g.item->>'activity' ~ '^(template:)?[0-9]{1,18}$'
              then replace(g.item->>'activity', 'template:', '')::bigint end as activity
    from given g where g.kind = 'link.remove'`;

/** The method of an image `i`, which was closed first, went with the cohort, and comes back with it. */
const methodReturnsWithCohort = /* sql */ `
  exists (select from given back join lms_lifecycle.row_image m on m.change_id = back.id::bigint and m.table_name = '{enrol}'
           where back.kind = 'group.delete' and m.after is null and m.before->>'id' = i.after->>'id')`;

/** A link may be there again; or its cohort, course, template or (where it was only closed) its enrolment method is gone. */
const links = /* sql */ `
  select k.id, case
           when h.id is null and not ${groupReturns(`'cohort:' || k.cohortid`)} or t.id is null and c.id is null then 'gone'
           when exists (select from {competency_templatecohort} l where l.templateid = t.id and l.cohortid = k.cohortid) then 'already'
           when exists (select from {enrol} e where e.enrol = 'cohort' and e.status = 0
                           and e.courseid = c.id and e.customint1 = k.cohortid) then 'already'
           when c.id is not null and not exists (
             select from lms_lifecycle.row_image i
              where i.change_id = k.id::bigint and i.table_name = '{enrol}'
                and (i.after is null or exists (select from {enrol} e where e.id = (i.after->>'id')::bigint)
                  or ${methodReturnsWithCohort})) then 'gone' end
           as obstacle
    from (${keys}) k
    left join {cohort} h on h.id = k.cohortid
    left join {competency_template} t on k.type = 'groupPath' and t.id = k.activity
    left join {course} c on k.type = 'groupCourse' and c.id = k.activity`;

/** Whether the enrolment method of an image `r` is there, or comes back with the link (effects/access.ts). */
const methodReturns = /* sql */ `(
  exists (select from {enrol} e where e.id = r.enrolid) or exists (
    select from lms_lifecycle.change c
      join lms_lifecycle.change k on k.operation_id = c.operation_id and k.user_id = '' and k.kind = 'link.remove'
      join lms_lifecycle.row_image m on m.change_id = k.id and m.table_name = '{enrol}' and m.after is null
      join {course} o on o.id = (m.before->>'courseid')::bigint
      join {cohort} h on h.id = (m.before->>'customint1')::bigint
     where c.id = g.id::bigint and (m.before->>'id')::bigint = r.enrolid))`;

/** Every enrolment that a revocation, or an unenrolment, has taken or altered, copies left out: as it left it, as it was before, or neither. */
const enrolments = /* sql */ `
  select g.id, ${methodReturns} as there,
         case when i.after is null then x.id is null
              else (x.status, x.timestart, x.timeend) is not distinct from (s.status, s.timestart, s.timeend) end as ours,
         (x.status, x.timestart, x.timeend) is not distinct from (r.status, r.timestart, r.timeend) as back
    from given g
    join lms_lifecycle.row_image i on i.change_id = g.id::bigint and i.table_name = '{user_enrolments}' and i.before is not null
   cross join lateral jsonb_populate_record(null::{user_enrolments}, i.before) r
   cross join lateral jsonb_populate_record(null::{user_enrolments}, i.after) s
    left join {user_enrolments} x on x.enrolid = r.enrolid and x.userid = r.userid
   where g.kind in ('access.revoke', 'registration.unenrol') and ${notCopied}`;

const revocations = /* sql */ `
  select e.id, case when not bool_or(e.there) then 'gone'
                    when bool_or(e.there and e.ours) then null
                    when bool_and(e.back) then 'already' else 'moved-on' end
    from (${enrolments}) e group by e.id`;

/** Selects of what hinders the undo of taking content from a cohort (X-08), from `given` (undo-obstacles.ts). */
export const contentObstacles: readonly string[] = [links, revocations];
