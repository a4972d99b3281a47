import { authorship, expectMany, takesBack } from './prelude.ts';
import { putBackRows } from './put-back.ts';

/**
 * `turning`: transfers that take an earlier one back, while the course's first author still is who is to lose it.
 * `user_id` is the deleted author in both directions: who gets the course back in an undo or a reinstatement, and who loses
 * it again when the reinstatement is undone.
 */
const turning = /* sql */ `
  turning as materialized (
    select t.id as change_id, t.user_id::bigint as userid, (t.after->>'main')::bigint as main, chief.id as post, chief.contextid
      from todo t
      join living l on l.id = (t.after->>'main')::bigint
      join {context} c on c.contextlevel = 50 and t.item->>'id' ~ '^[0-9]{1,18}$' and c.instanceid = (t.item->>'id')::bigint
      join lateral (select a.* from (${authorship}) a where a.contextid = c.id order by a.id limit 1) chief
        on chief.userid = (t.before->>'main')::bigint ${expectMany}
     where t.undoes is not null)`;

/**
 * To the deleted author: the assignments that the transfer took come back with their old ids. The order of authors is that of
 * the ids, so they must come before the successor's: then the author is the first again and the successor, promoted from the
 * co-authors, stands next, before all others. That is the front of the co-list (D-20), and in an undo the place of then.
 */
const returning = /* sql */ `
  own_posts as materialized (
    select o.change_id, o.post
      from (select i.change_id, min((i.before->>'id')::bigint) as post from image i
             where ${takesBack} and i.table_name = '{role_assignments}' and i.after is null group by i.change_id) o ${expectMany}),
  returning_posts as materialized (
    select t.change_id, t.userid from turning t join own_posts own on own.change_id = t.change_id and own.post < t.post ${expectMany}
     where t.main = t.userid)`;

/**
 * To the successor again: while the author has the very assignment that came back, and the successor is still a co-author, or
 * gets the assignment again that the return took.
 */
const goingAgain = /* sql */ `
  going_again as materialized (
    select t.change_id, t.userid from turning t
     where t.main <> t.userid and t.userid not in (select id from shielded)
       and exists (select from image i where i.change_id = t.change_id and i.table_name = '{role_assignments}'
                      and i.before is null and (i.after->>'id')::bigint = t.post)
       and (exists (select from (${authorship}) a where a.contextid = t.contextid and a.userid = t.main)
         or exists (select from image i where i.change_id = t.change_id and i.table_name = '{role_assignments}'
                       and i.after is null and (i.before->>'userid')::bigint = t.main)))`;

const ofTurned = 'i.change_id in (select change_id from turned)';

/** In either direction: what the earlier transfer gave goes, where nobody has changed it, and what it took comes back. */
const turned = /* sql */ `
  turned as materialized (select * from returning_posts union all select * from going_again),
  taken_posts as (
    delete from {role_assignments} x using image i
     where ${takesBack} and ${ofTurned} and i.table_name = '{role_assignments}'
       and i.before is null and x.id = (i.after->>'id')::bigint and to_jsonb(x) = i.after
    returning i.change_id, i.table_name, i.after as before, null::jsonb as after, x.userid),
  taken_enrolments as (
    delete from {user_enrolments} x using image i
     where ${takesBack} and ${ofTurned} and i.table_name = '{user_enrolments}'
       and i.before is null and x.id = (i.after->>'id')::bigint and to_jsonb(x) = i.after
    returning i.change_id, i.table_name, i.after as before, null::jsonb as after)`;

const settled = /* sql */ `
  returned_posts as (
    select p.change_id, (p.after->>'userid')::bigint as userid from put_back p where p.table_name = '{role_assignments}'),
  turned_back as (
    select t.change_id
      from turned t
      join (select change_id, userid from returned_posts union all select change_id, userid from taken_posts) p
        on p.change_id = t.change_id and p.userid = t.userid)`;

/**
 * CTEs that take transfers back: `turned_back(change_id)` are those of which the author's own assignments came or went; who
 * gained or lost one is in `returned_posts` and `taken_posts`. They read `living` and `shielded`.
 */
export const turnBack: string = [
  turning,
  returning,
  goingAgain,
  turned,
  putBackRows([
    {
      table: 'role_assignments',
      needs: { roleid: 'role', contextid: 'context' },
      unique: true,
      when: ofTurned,
    },
    { table: 'user_enrolments', needs: { enrolid: 'enrol' }, when: ofTurned },
  ]),
  settled,
].join(',');

export const turnBackImages: readonly string[] = ['taken_posts', 'taken_enrolments', 'put_back'];
