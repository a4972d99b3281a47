import type { AppliedChange, Sql, UndoObstacle } from '../host-lms.ts';
import { authorship } from './effects/prelude.ts';
import { rootGroup } from './groups.ts';

/** The account: gone from the table, alive already, renamed since, or its user name or email is somebody else's now. */
const accounts = /* sql */ `
  select g.id, case
           when u.id is null then 'gone'
           when u.deleted = 0 then 'already'
           when u.username !~ '[.][0-9]{10}$' then 'moved-on'
           when exists (select from {user} other where other.mnethostid = u.mnethostid and other.deleted = 0
                           and md5(other.username) = u.email) then 'email-taken'
           when not shared.allowed and exists (
             select from {user} other where other.deleted = 0
                and left(regexp_replace(lower(other.email), '[^-.@_a-z0-9]', '', 'g'), 89) = left(u.username, -11))
             then 'email-taken' end as obstacle
    from given g left join {user} u on u.id = g.userid
   cross join (select exists (select from {config} where name = 'allowaccountssameemail' and value = '1') as allowed) shared
   where g.kind = 'account.retire'`;

const memberships = /* sql */ `
  select g.id, case
           when k.kind = 'cohort' and not exists (select from {cohort} h where h.id = k.key) then 'gone'
           when k.kind = 'category' and not exists (select from {course_categories} c where c.id = k.key) then 'gone'
           when k.kind = 'cohort' and exists (
             select from {cohort_members} m where m.cohortid = k.key and m.userid = g.userid) then 'already'
           when k.kind <> 'cohort' and exists (
             select from {role_assignments} a
               join {role} r on r.id = a.roleid and r.archetype = 'manager'
               join {context} c on c.id = a.contextid and c.instanceid = k.key
                and c.contextlevel = case k.kind when 'category' then 40 else 10 end
              where a.userid = g.userid) then 'already' end as obstacle
    from given g
   cross join lateral (
     select split_part(g.item->>'group', ':', 1) as kind,
            coalesce(nullif(split_part(g.item->>'group', ':', 2), ''), '0')::bigint as key) k
   where g.kind = 'membership.remove' and (k.kind in ('cohort', 'category') or k.kind = '${rootGroup}')`;

const coRoles = /* sql */ `
  select g.id, case
           when not exists (select from {course} c where c.id::text = g.item->>'id') then 'gone'
           when exists (select from (${authorship}) a
                         where a.courseid::text = g.item->>'id' and a.userid = g.userid) then 'already' end as obstacle
    from given g where g.kind = 'co-role.remove'`;

/** Moved on: the successor has not the assignment any more that was promoted, or is not the first author. */
const transfers = /* sql */ `
  select g.id, case
           when not exists (select from {course} c where c.id::text = g.item->>'id') then 'gone'
           when exists (select from (${authorship}) a
                         where a.courseid::text = g.item->>'id' and a.userid = g.userid) then 'already'
           when (g.before->>'position') is not null and not exists (
             select from {role_assignments} a where a.id = (g.before->>'position')::bigint
                and a.userid::text = g.after->>'main') then 'moved-on'
           when (g.before->>'position') is null and g.after->>'main' is distinct from (
             select a.userid::text from (${authorship}) a
              where a.courseid::text = g.item->>'id' order by a.id limit 1) then 'moved-on' end as obstacle
    from given g where g.kind = 'ownership.transfer'`;

const seats = /* sql */ `
  select g.id, case
           when o.id is null then 'gone'
           when exists (select from {choice_answers} a where a.optionid = o.id and a.userid = g.userid) then 'already'
           when c.timeclose <> 0 and to_timestamp(c.timeclose) <= now() then 'begun'
           when c.limitanswers = 1 and o.maxanswers > 0 and o.maxanswers <
             (select count(*) from {choice_answers} a where a.optionid = o.id)
             + row_number() over (partition by o.id order by g.n) then 'slot-full' end as obstacle
    from given g
    left join {choice_options} o on 'choice-option:' || o.id = g.item->>'slot'
    left join {choice} c on c.id = o.choiceid
   where g.kind = 'slot.leave'`;

/** What stands in the way of taking back these applied changes now. */
export async function findUndoObstacles(sql: Sql, changes: readonly AppliedChange[]): Promise<UndoObstacle[]> {
  const { rows } = await sql.query<UndoObstacle>(
    /* sql */ `
    with given as materialized (
      select g.n, g.id, g.kind, g."user"::bigint as userid, g.item, g.before, g.after
        from rows from (json_to_recordset($1) as (id text, kind text, "user" text, item jsonb, before jsonb, after jsonb))
             with ordinality as g (id, kind, "user", item, before, after, n))
    select o.id, o.obstacle
      from (${[accounts, memberships, coRoles, transfers, seats].join(' union all ')}) o
      join given g on g.id = o.id
     where o.obstacle is not null order by g.n`,
    [JSON.stringify(changes)],
  );
  return rows;
}
