import { notCopied } from './meta-copies.ts';

/**
 * `decided`, for the undo of what took or altered enrolments. Compared: that one of them is still as the change left it, of a living
 * user, and that its method is there.
 *
 * @param methodReturns a condition on `r`: the method comes back in this very transaction
 */
export const returningEnrolments = (methodReturns = 'false'): string => /* sql */ `
  decided as (
    select distinct i.change_id
      from image i cross join lateral jsonb_populate_record(null::{user_enrolments}, i.before) r
      join {user} u on u.id = r.userid and u.deleted = 0
     where i.table_name = '{user_enrolments}' and i.before is not null and ${notCopied}
       and (exists (select from {enrol} e where e.id = r.enrolid) or ${methodReturns})
       and case when i.after is null
                then not exists (select from {user_enrolments} x where x.enrolid = r.enrolid and x.userid = r.userid)
                else exists (select from {user_enrolments} x
                              where x.id = r.id and x.status = (i.after->>'status')::bigint
                                and x.timestart = (i.after->>'timestart')::bigint and x.timeend = (i.after->>'timeend')::bigint) end)`;
