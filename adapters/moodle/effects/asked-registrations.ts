import { expectMany } from './prelude.ts';

/**
 * `asked(key, userid, courseid, before)`: the registrations that the changes are about; `key` is the change.
 *
 * @param which a further condition on the change `t`
 */
export const askedRegistrations = (which = 'true'): string => /* sql */ `
  asked as materialized (
    select t.id as key, t.user_id::bigint as userid, (t.item->>'activity')::bigint as courseid, t.before
      from todo t ${expectMany} where t.user_id ~ '^[0-9]{1,18}$' and t.item->>'activity' ~ '^[0-9]{1,18}$' and ${which})`;

/** Locks the enrolments in question before the deciding statement looks at them: what that compares stays so until the end. */
export const lockEnrolments = /* sql */ `
  select ue.id
    from lms_lifecycle.change t
    join {enrol} e on e.courseid = case when t.item->>'activity' ~ '^[0-9]{1,18}$' then (t.item->>'activity')::bigint end
    join {user_enrolments} ue on ue.enrolid = e.id
     and ue.userid = case when t.user_id ~ '^[0-9]{1,18}$' then t.user_id::bigint end
   where t.id in (select unnest($1::bigint[])) order by ue.id for update of ue`;
