import { authorship, shielded } from './effects/prelude.ts';
import { membershipsOf } from './read-users.ts';

/** Undoing a reinstatement takes what it gave: what is not there any more need not be taken. */
const joined = /* sql */ `
  select g.id, case when not exists (
           select from (${membershipsOf(`array (select userid from given where kind = 'membership.add')`)}) m
            where m.userid = g.userid and m."group" = g.item->>'group' and m.role = g.item->>'role') then 'already' end
    from given g where g.kind = 'membership.add'`;

/** An answer to a choice that has closed since is no seat any more, and stays (D-03). */
const seated = /* sql */ `
  select g.id, case when a.id is null then 'already'
                    when c.timeclose <> 0 and to_timestamp(c.timeclose) <= now() then 'begun' end
    from given g
    left join {choice_answers} a on a.userid = g.userid and 'choice-option:' || a.optionid = g.item->>'slot'
    left join {choice} c on c.id = a.choiceid
   where g.kind = 'slot.join'`;

const coAuthors = /* sql */ `
  select g.id, case when not exists (select from posts p where p.change_id = g.id and p.owner) then 'already' end
    from courses g where g.kind = 'co-role.add'`;

/** Transfers that brought something back to the deleted author: somebody else has it by now, as it was or otherwise. */
const returns = /* sql */ `
  select g.id, case
           when g.contextid is null then 'gone'
           when p.userid::text = g.before->>'main' then 'already'
           when p.userid::text is distinct from g.after->>'main' then 'moved-on' end
    from courses g left join posts p on p.change_id = g.id and p.place = 1
   where g.kind = 'ownership.transfer' and g.after->>'main' = g.userid::text`;

/** What the account is the first author of, but by an assignment that came back with the account itself or with a transfer. */
const otherCourses = /* sql */ `
  select from (${authorship}) a join {course} k on k.id = a.courseid and k.category > 0
   where a.userid = g.userid
     and not exists (select from (${authorship}) older where older.contextid = a.contextid and older.id < a.id)
     and not exists (select from given t where t.kind = 'ownership.transfer' and t.userid = g.userid
                        and t.item->>'type' = 'course' and t.item->>'id' = a.courseid::text)
     and not exists (select from lms_lifecycle.row_image i
                      where i.change_id = g.id::bigint and i.table_name = '{role_assignments}'
                        and (i.after->>'id')::bigint = a.id)`;

const otherMemberships = /* sql */ `
  select from (${membershipsOf(`array (select userid from given where kind = 'account.reinstate')`)}) m
   where m.userid = g.userid
     and not exists (select from given j where j.kind = 'membership.add' and j.userid = g.userid
                        and j.item->>'group' = m."group" and j.item->>'role' = m.role)`;

/** The account goes only if nothing is left that it has come by otherwise; a site administrator's never does. */
const accounts = /* sql */ `
  select g.id, case
           when u.id is null then 'gone'
           when u.deleted <> 0 then 'already'
           when u.id in (with ${shielded} select id from shielded) then 'moved-on'
           when exists (${otherMemberships}) then 'moved-on'
           when exists (${otherCourses}) then 'moved-on' end
    from given g left join {user} u on u.id = g.userid
   where g.kind = 'account.reinstate'`;

/**
 * Selects of what hinders the undo of a reinstatement (X-08, D-20), from `given`, `courses` and `posts` (undo-obstacles.ts).
 */
export const reinstatements: readonly string[] = [joined, seated, coAuthors, returns, accounts];
