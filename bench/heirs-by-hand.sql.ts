/**
 * The first half of the hand-written script: whom it deletes, and who takes over what they own. `:operation` is a quoted
 * literal, `:chunk` a number, `:leaver` the table of all whom the operation deletes.
 */

export const newId = `nextval('lms_lifecycle.change_id_seq')`;

export const ownable = [
  {
    type: 'course',
    table: 'lms.course',
    main: 'main_author_id',
    co: 'lms.course_co_author',
    key: 'course_id',
  },
  { type: 'path', table: 'lms.path', main: 'main_author_id', co: 'lms.path_co_author', key: 'path_id' },
  {
    type: 'session',
    table: 'lms.path_session',
    main: 'main_instructor_id',
    co: 'lms.session_co_instructor',
    key: 'session_id',
  },
];

export const victims = /* sql */ `
create temp table victim on commit drop as
  select user_id as id from lms_lifecycle.operation_target where operation_id = :operation and chunk = :chunk and state = 'open';
create unique index on victim (id);
analyze victim;`;

/** The next in each chain (D-05 to D-10, D-13): first for courses and paths, then for sessions by way of their paths. */
export const successors = /* sql */ `
create temp table owned on commit drop as
  select 'course' as type, id, main_author_id as main, owner_group_id as owner_group, null as path_id
    from lms.course where main_author_id in (select id from victim)
  union all
  select 'path', id, main_author_id, owner_group_id, id from lms.path
   where main_author_id in (select id from victim)
      or id in (select path_id from lms.path_session where main_instructor_id in (select id from victim))
  union all
  select 'session', id, main_instructor_id, null, path_id from lms.path_session
   where main_instructor_id in (select id from victim);
analyze owned;
create temp table heir on commit drop as
with co as (
  select distinct on (c.type, c.id) c.type, c.id, c.user_id, c.position from (
    ${ownable
      .map(
        ({ type, co, key }) => `select '${type}' as type, ${key} as id, user_id, position from ${co}
      where ${key} in (select id from owned where type = '${type}')`,
      )
      .join(' union all ')}) c
    join lms.account a on a.id = c.user_id and a.status = 'active'
    join owned o on o.type = c.type and o.id = c.id
   where c.user_id <> o.main and not exists (select from :leaver v where v.id = c.user_id)
   order by c.type, c.id, c.position, c.user_id),
wanted as (
  select owner_group as id from owned where owner_group is not null
  union
  select parent_id from lms.user_group where id in (select owner_group from owned) and parent_id is not null),
admin as (
  select distinct on (m.group_id) m.group_id, m.user_id
    from lms.membership m join lms.account a on a.id = m.user_id and a.status = 'active'
   where m.role = 'admin' and m.group_id in (select id from wanted)
     and not exists (select from :leaver v where v.id = m.user_id)
   order by m.group_id, m.since, m.user_id),
chain as (
  select o.*, co.user_id as co_user, co.position, coalesce(own.user_id, up.user_id, p.owner_id) as next,
         case when co.user_id is not null then 'D-05' when own.user_id is not null then 'D-06'
              when up.user_id is not null then 'D-07' else 'D-08' end as rule
    from owned o cross join lms.platform p
    left join co using (type, id)
    left join lms.user_group g on g.id = o.owner_group
    left join admin own on own.group_id = g.id
    left join admin up on up.group_id = g.parent_id)
select ${newId} as change_id, c.type, c.id, c.main as user_id, c.position,
       case when c.co_user is not null then c.co_user when c.type <> 'session' then c.next
            when a.status = 'active' and v.id is null then p.main else coalesce(p.co_user, p.next) end as heir,
       case c.type when 'course' then c.rule when 'path' then 'D-09' else 'D-10' end as rule
  from chain c
  left join chain p on c.type = 'session' and p.type = 'path' and p.id = c.path_id
  left join lms.account a on a.id = p.main
  left join :leaver v on v.id = p.main
 where c.main in (select id from victim);
analyze heir;`;
