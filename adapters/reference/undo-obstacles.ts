import type { AppliedChange, Sql, UndoObstacle } from '../host-lms.ts';

/** What hinders taking changes back, by kind; each branch is one set-based read. */
export async function findUndoObstacles(
  sql: Sql,
  changes: readonly AppliedChange[],
): Promise<UndoObstacle[]> {
  const { rows } = await sql.query<UndoObstacle>(
    `with change as (
       select * from json_to_recordset($1) as c(id text, kind text, "user" text, item jsonb, before jsonb, after jsonb)),
     audience_back as materialized (
       select item->>'activity' as session_id, item->>'holder' as group_id from change
        where kind = 'link.remove' and item->>'type' = 'audience'),
     session as (${sessions}),
     found as (${[memberships, slots, coRoles, ownership, accounts, joined, content, enrolments, links, groups, profiles].join(' union all ')}
               union all select id, obstacle from session),
     decided as (
       select c.id, case when f.obstacle = 'already' then 'already' when d.id is not null then 'user-deleted' else f.obstacle end as obstacle
         from change c
         left join found f on f.id = c.id and f.obstacle is not null
         left join (${ofDeleted}) d on d.id = c.id)
     select id, obstacle from decided where obstacle is not null`,
    [JSON.stringify(changes)],
  );
  return rows;
}

/** What cannot be given back to whom it was taken from: a deleted user has nothing but a past (D-01, D-02). */
const ofDeleted = /* sql */ `
  select c.id from change c join lms.account a on a.id = c."user" and a.status = 'deleted'
   where c.kind in ('membership.remove', 'session.leave', 'slot.leave', 'co-role.remove', 'access.revoke', 'access.grant',
                    'registration.add', 'registration.unenrol')
     and c."user" not in (select back."user" from change back where back.kind = 'account.retire')`;

const memberships = /* sql */ `
  select c.id, case when g.id is null and not ${groupReturns(`c.item->>'group'`)} then 'gone'
                    when m.user_id is not null then 'already' end as obstacle
    from change c
    left join lms.user_group g on g.id = c.item->>'group'
    left join lms.membership m on m.group_id = g.id and m.user_id = c."user" and m.role = c.item->>'role'
   where c.kind = 'membership.remove'`;

/** A dynamic audience must hold the user, by a membership that is there or one that comes back with this (G-08). */
const sessions = /* sql */ `
  select c.id, c."user", s.id as session,
         case when s.id is null then 'gone' when p.user_id is not null then 'already'
              when s.audience = 'dynamic' and not exists (
                select from (select group_id from lms.session_audience_group where session_id = s.id
                             union all
                             select group_id from audience_back where session_id = s.id) g
                 where exists (select from lms.membership m where m.group_id = g.group_id and m.user_id = c."user")
                    or (c."user", g.group_id) in (
                         select back."user", back.item->>'group' from change back
                          where back.kind = 'membership.remove')) then 'not-in-audience' end as obstacle
    from change c
    left join lms.path_session s on s.id = c.item->>'session'
    left join lms.session_participant p on p.session_id = s.id and p.user_id = c."user"
   where c.kind = 'session.leave'`;

const slots = /* sql */ `
  select c.id, case when s.id is null then 'gone' when a.user_id is not null then 'already'
                    when s.starts_at <= clock_timestamp() then 'begun'
                    when s.capacity < row_number() over (partition by s.id order by c.id::bigint)
                      + (select count(*) from lms.slot_attendee taken where taken.slot_id = s.id) then 'slot-full'
                    when not exists (select from lms.session_participant p
                                      where p.session_id = s.session_id and p.user_id = c."user")
                     and not exists (select from session back
                                      where back.session = s.session_id and back."user" = c."user"
                                        and back.obstacle is null) then 'no-place' end
    from change c
    left join lms.slot s on s.id = c.item->>'slot'
    left join lms.slot_attendee a on a.slot_id = s.id and a.user_id = c."user"
   where c.kind = 'slot.leave'`;

const holders = /* sql */ `
  select 'course' as type, id, main_author_id as main from lms.course
  union all select 'path', id, main_author_id from lms.path
  union all select 'session', id, main_instructor_id from lms.path_session`;

const coHolders = /* sql */ `
  select 'course' as type, course_id as id, user_id from lms.course_co_author
  union all select 'path', path_id, user_id from lms.path_co_author
  union all select 'session', session_id, user_id from lms.session_co_instructor`;

const coRoles = /* sql */ `
  select c.id, case when h.id is null then 'gone' when h.main = c."user" then 'moved-on'
                    when co.user_id is not null then 'already' end
    from change c
    left join (${holders}) h on h.type = c.item->>'type' and h.id = c.item->>'id'
    left join (${coHolders}) co on co.type = h.type and co.id = h.id and co.user_id = c."user"
   where c.kind = 'co-role.remove'`;

const ownership = /* sql */ `
  select c.id, case when h.id is null then 'gone' when h.main = c.before->>'main' then 'already'
                    when h.main is distinct from c.after->>'main' then 'moved-on' end
    from change c
    left join (${holders}) h on h.type = c.item->>'type' and h.id = c.item->>'id'
   where c.kind = 'ownership.transfer' and c.after ? 'main'
  union all
  select c.id, case when o.id is null then 'gone' when o.owner_group_id = c.before->>'ownerGroup' then 'already'
                    when o.owner_group_id <> c.after->>'ownerGroup' then 'moved-on'
                    when not exists (select from lms.user_group g where g.id = c.before->>'ownerGroup')
                     and not ${groupReturns(`c.before->>'ownerGroup'`)} then 'gone' end
    from change c
    left join (select 'course' as type, id, owner_group_id from lms.course
               union all select 'path', id, owner_group_id from lms.path) o
      on o.type = c.item->>'type' and o.id = c.item->>'id'
   where c.kind = 'ownership.transfer' and c.after ? 'ownerGroup'`;

const accounts = /* sql */ `
  select c.id, case
      when a.status = 'active' then 'already'
      when i.after is null or a.deleted_at is distinct from (i.after->>'deleted_at')::timestamptz then 'moved-on'
      when exists (select from lms.account other
                    where other.status = 'active' and lower(other.email) = lower(a.email)) then 'email-taken'
      when (select seats from lms.platform) < row_number() over (order by c.id::bigint)
        + (select count(*) from lms.account living where living.status = 'active') then 'no-seat' end
    from change c
    join lms.account a on a.id = c."user"
    left join lms_lifecycle.row_image i on i.change_id = c.id::bigint and i.table_name = 'lms.account'
   where c.kind = 'account.retire'`;

/**
 * Undoing a reinstatement takes what it gave: what is there no more need not be taken. The account goes only if nothing is
 * left that it has come by otherwise.
 */
const joined = /* sql */ `
  select c.id, case when m.user_id is null then 'already' end as obstacle
    from change c
    left join lms.membership m
      on m.group_id = c.item->>'group' and m.user_id = c."user" and m.role = c.item->>'role'
   where c.kind = 'membership.add'
  union all
  select c.id, case when p.user_id is null then 'already' end
    from change c
    left join lms.session_participant p on p.session_id = c.item->>'session' and p.user_id = c."user"
   where c.kind = 'session.join'
  union all
  select c.id, case when a.user_id is null then 'already' when s.starts_at <= clock_timestamp() then 'begun' end
    from change c
    left join lms.slot s on s.id = c.item->>'slot'
    left join lms.slot_attendee a on a.slot_id = s.id and a.user_id = c."user"
   where c.kind = 'slot.join'
  union all
  select c.id, case when co.user_id is null then 'already' end
    from change c
    left join (${coHolders}) co on co.type = c.item->>'type' and co.id = c.item->>'id' and co.user_id = c."user"
   where c.kind = 'co-role.add'
  union all
  select c.id, case
      when a.status = 'deleted' then 'already'
      when exists (select from lms.membership m
                    where m.user_id = a.id and not exists (
                      select from change g where g.kind = 'membership.add' and g."user" = a.id
                         and g.item->>'group' = m.group_id and g.item->>'role' = m.role))
        or exists (select from (${holders}) h
                    where h.main = a.id and not exists (
                      select from change g where g.kind = 'ownership.transfer' and g."user" = a.id
                         and g.item->>'type' = h.type and g.item->>'id' = h.id)) then 'moved-on' end
    from change c
    join lms.account a on a.id = c."user"
   where c.kind = 'account.reinstate'`;

/** Whether one of the changes that are taken back is the deletion of this group. */
function groupReturns(group: string): string {
  return /* sql */ `exists (select from change back where back.kind = 'group.delete' and back.item->>'group' = ${group})`;
}

/** A group comes back below the parent that it had. */
const groups = /* sql */ `
  select c.id, case when g.id is not null then 'already'
                    when up.id is null and not ${groupReturns(`c.before->>'parent'`)} then 'gone' end
    from change c
    left join lms.user_group g on g.id = c.item->>'group'
    left join lms.user_group up on up.id = c.before->>'parent'
   where c.kind = 'group.delete'
  union all
  select c.id, case when g.id is null then 'gone' when g.parent_id = c.before->>'parent' then 'already'
                    when g.parent_id is distinct from c.after->>'parent' then 'moved-on'
                    when not exists (select from lms.user_group up where up.id = c.before->>'parent')
                     and not ${groupReturns(`c.before->>'parent'`)} then 'gone' end
    from change c
    left join lms.user_group g on g.id = c.item->>'group'
   where c.kind = 'group.move'`;

/** Attributes that were changed since are somebody else's by now. */
const profiles = /* sql */ `
  select c.id, case when a.id is null or a.status <> 'active' then 'gone'
                    when not exists (select from jsonb_each(c.before) was
                                      where coalesce(a.profile->was.key, 'null') <> was.value) then 'already'
                    when exists (select from jsonb_each(c.after) made
                                  where coalesce(a.profile->made.key, 'null') <> made.value) then 'moved-on' end
    from change c
    left join lms.account a on a.id = c."user"
   where c.kind = 'profile.update'`;

/** A link may be there again; or its group, path or course is gone. */
const links = /* sql */ `
  select c.id, case when l.holder is not null then 'already'
                    when a.id is null or (h.id is null and not ${groupReturns(`c.item->>'holder'`)}) then 'gone' end
    from change c
    left join (select 'groupCourse' as type, group_id as holder, course_id as activity from lms.group_course
               union all select 'groupPath', group_id, path_id from lms.group_path
               union all select 'audience', group_id, session_id from lms.session_audience_group
               union all select 'pathCourse', path_id, course_id from lms.path_course) l
      on l.type = c.item->>'type' and l.holder = c.item->>'holder' and l.activity = c.item->>'activity'
    left join (select 'group' as type, id from lms.user_group union all select 'path', id from lms.path) h
      on h.id = c.item->>'holder' and h.type = case c.item->>'type' when 'pathCourse' then 'path' else 'group' end
    left join (select 'course' as type, id from lms.course union all select 'path', id from lms.path
               union all select 'session', id from lms.path_session) a
      on a.id = c.item->>'activity'
     and a.type = case c.item->>'type' when 'groupPath' then 'path' when 'audience' then 'session' else 'course' end
   where c.kind = 'link.remove'`;

/** Who was unenrolled since stays so: that was somebody's decision (C-14). What was begun since is not taken away again. */
const content = /* sql */ `
  select c.id, case when r.user_id is null then 'gone' when r.access then 'already'
                    when r.listed_as <> coalesce(c.before->>'listedAs', 'current') then 'moved-on' end
    from change c
    left join lms.registration r on r.user_id = c."user" and r.activity_id = c.item->>'activity'
   where c.kind = 'access.revoke'
  union all
  select c.id, case when r.user_id is null or not r.access then 'already' when r.status = 'completed' and not exists (
                      select from lms_lifecycle.row_image i
                       where i.change_id = c.id::bigint and i.after->>'status' = 'completed') then 'moved-on' end
    from change c
    left join lms.registration r on r.user_id = c."user" and r.activity_id = c.item->>'activity'
   where c.kind = 'access.grant'
  union all
  select c.id, case when r.user_id is null then 'already'
                    when r.method <> c.after->>'method' or r.status <> 'enrolled' or r.progress <> 0 or not r.access
                    then 'moved-on' end
    from change c
    left join lms.registration r on r.user_id = c."user" and r.activity_id = c.item->>'activity'
   where c.kind = 'registration.add'`;

/** A registration that was unenrolled, and is not by now, is left as it is; so is a copy that somebody has changed. */
const enrolments = /* sql */ `
  select c.id, case when r.user_id is null then 'gone'
                    when r.access = (c.before->>'access')::boolean and r.listed_as = c.before->>'listedAs' then 'already'
                    when r.access <> (c.after->>'access')::boolean or r.listed_as <> c.after->>'listedAs' then 'moved-on' end
    from change c
    left join lms.registration r on r.user_id = c."user" and r.activity_id = c.item->>'activity'
   where c.kind = 'registration.unenrol'
  union all
  select c.id, case when a.id is null then 'already' when to_jsonb(a) <> i.after then 'moved-on' end
    from change c
    join lms_lifecycle.row_image i on i.change_id = c.id::bigint and i.table_name = 'lms.activity'
    left join lms.activity a on a.id = i.after->>'id'
   where c.kind = 'activity.copy'`;
