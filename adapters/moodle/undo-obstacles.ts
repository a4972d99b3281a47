import type { AppliedChange, Sql, UndoObstacle } from '../host-lms.ts';
import { authorship } from './effects/prelude.ts';
import { rootGroup } from './groups.ts';
import { contentObstacles } from './obstacles-of-content.ts';
import { groupObstacles, groupReturns } from './obstacles-of-groups.ts';
import { registrationObstacles } from './obstacles-of-registrations.ts';
import { reinstatements } from './obstacles-of-reinstatements.ts';

/**
 * The account: gone from the table, alive already, deleted by somebody else since (then it is not as this deletion has left it), or
 * its user name or, unless the site lets accounts share one, its email is somebody else's now.
 */
const accounts = /* sql */ `
  retired as materialized (
    select g.id, u.id as userid, u.deleted, was.*,
           (u.username, u.email) is distinct from (i.after->>'username', i.after->>'email') as moved_on
      from given g
      left join {user} u on u.id = g.userid
      left join lms_lifecycle.row_image i on i.change_id = g.id::bigint and i.table_name = '{user}'
      left join lateral jsonb_to_record(i.before) as was (mnethostid bigint, username text, email text) on true
     where g.kind = 'account.retire'),
  taken as materialized (
    select r.id
      from retired r join {user} x on x.mnethostid = r.mnethostid and x.username = r.username and x.id <> r.userid
    union all
    select r.id from retired r join {user} x on lower(x.email) = lower(r.email) and x.deleted = 0
     where r.email <> ''
       and not exists (select from {config} where name = 'allowaccountssameemail' and value = '1'))`;

const accountObstacles = /* sql */ `
  select r.id, case
           when r.userid is null then 'gone'
           when r.deleted = 0 then 'already'
           when r.moved_on then 'moved-on'
           when r.id in (select id from taken) then 'email-taken' end as obstacle
    from retired r`;

const memberships = /* sql */ `
  select g.id, case
           when k.kind = 'cohort' and h.id is null and not ${groupReturns(`g.item->>'group'`)} then 'gone'
           when k.kind = 'category' and c.id is null then 'gone'
           when k.kind = 'course-group' and s.id is null and not ${groupReturns(`g.item->>'group'`)} then 'gone'
           when exists (select from {cohort_members} m where m.cohortid = h.id and m.userid = g.userid) then 'already'
           when exists (select from {groups_members} m where m.groupid = s.id and m.userid = g.userid) then 'already'
           when exists (select from {role_assignments} a join {role} r on r.id = a.roleid and r.archetype = 'manager'
                         where a.contextid = c.id and a.userid = g.userid) then 'already' end as obstacle
    from given g
   cross join lateral (
     select split_part(g.item->>'group', ':', 1) as kind,
            coalesce(nullif(split_part(g.item->>'group', ':', 2), ''), '0')::bigint as key) k
    left join {cohort} h on k.kind = 'cohort' and h.id = k.key
    left join {groups} s on k.kind = 'course-group' and s.id = k.key
    left join {context} c on c.contextlevel = case k.kind when 'category' then 40 when '${rootGroup}' then 10 end
     and c.instanceid = k.key
   where g.kind = 'membership.remove'`;

/** The courses that changes are about, and the author assignments in them: `owner` is the change's user. */
const courses = /* sql */ `
  courses as materialized (
    select g.*, c.id as contextid
      from given g
      left join {context} c on c.contextlevel = 50 and g.item->>'id' ~ '^[0-9]{1,18}$'
       and c.instanceid = (g.item->>'id')::bigint
     where g.kind in ('co-role.remove', 'co-role.add', 'ownership.transfer')),
  posts as materialized (
    select g.id as change_id, a.id, a.userid, a.userid = g.userid as owner,
           row_number() over (partition by g.id order by a.id) as place
      from courses g join (${authorship}) a on a.contextid = g.contextid)`;

const coRoles = /* sql */ `
  select g.id, case
           when g.contextid is null then 'gone'
           when exists (select from posts p where p.change_id = g.id and p.owner) then 'already' end as obstacle
    from courses g where g.kind = 'co-role.remove'`;

/** Moved on: the successor is not the first author any more. */
const transfers = /* sql */ `
  select g.id, case
           when g.contextid is null then 'gone'
           when exists (select from posts p where p.change_id = g.id and p.owner) then 'already'
           when not exists (
             select from posts p
              where p.change_id = g.id and p.place = 1 and p.userid::text = g.after->>'main') then 'moved-on' end as obstacle
    from courses g where g.kind = 'ownership.transfer' and g.before->>'main' = g.userid::text`;

const seats = /* sql */ `
  select g.id, case
           when o.id is null then 'gone'
           when exists (select from {choice_answers} a where a.optionid = o.id and a.userid = g.userid) then 'already'
           when c.timeclose <> 0 and to_timestamp(c.timeclose) <= now() then 'begun'
           when c.limitanswers = 1 and o.maxanswers > 0 and o.maxanswers <
             (select count(*) from {choice_answers} a where a.optionid = o.id)
             + row_number() over (partition by o.id order by g.n) then 'slot-full' end as obstacle
    from given g
    left join {choice_options} o on o.id = substring(g.item->>'slot' from '^choice-option:([0-9]{1,18})$')::bigint
    left join {choice} c on c.id = o.choiceid
   where g.kind = 'slot.leave'`;

const deletions = [accountObstacles, memberships, coRoles, transfers, seats];

/** What stands in the way of taking back these applied changes now (X-08): of a deletion, a removal, a reinstatement. */
export async function findUndoObstacles(
  sql: Sql,
  changes: readonly AppliedChange[],
): Promise<UndoObstacle[]> {
  const { rows } = await sql.query<UndoObstacle>(
    /* sql */ `
    with given as materialized (
      select g.n, g.id, g.kind, nullif(g."user", '')::bigint as userid, g.item, g.before, g.after
        from rows from (json_to_recordset($1) as (id text, kind text, "user" text, item jsonb, before jsonb, after jsonb))
             with ordinality as g (id, kind, "user", item, before, after, n)),
    ${accounts},
    ${courses}
    select o.id, o.obstacle
      from (${[...deletions, ...reinstatements, ...contentObstacles, ...registrationObstacles, ...groupObstacles].join(' union all ')}) o
     where o.obstacle is not null`,
    [JSON.stringify(changes)],
  );
  return rows;
}
