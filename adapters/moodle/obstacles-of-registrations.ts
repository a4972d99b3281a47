/** The enrolment by hand that a qualification gave: gone already, or changed or used since. */
const enrolments = /* sql */ `
  select g.id, case
           when x.id is null then 'already'
           when to_jsonb(x) is distinct from i.after or exists (
             select from {user_lastaccess} l where l.userid = x.userid and l.courseid = e.courseid) then 'moved-on' end as obstacle
    from given g
    join lms_lifecycle.row_image i on i.change_id = g.id::bigint and i.table_name = '{user_enrolments}' and i.before is null
    join {enrol} e on e.id = (i.after->>'enrolid')::bigint and e.enrol = 'manual'
    left join {user_enrolments} x on x.id = (i.after->>'id')::bigint
   where g.kind = 'registration.add'`;

/** Selects of what hinders the undo of enrolling somebody for a qualification, from `given` (undo-obstacles.ts). */
export const registrationObstacles: readonly string[] = [enrolments];
