/**
 * What a skilled database administrator would write for the content benchmark, chunk by chunk, with the same host rows, changes
 * and images as the activities leave (compared in same-outcome.ts), but with nothing that could be shown first, checked again or
 * resumed. `:operation` is a quoted literal, `:chunk` a number.
 */
const newId = `nextval(pg_get_serial_sequence('lms_lifecycle.change', 'id'))`;

interface Written {
  step: string;
  kind: string;
  user?: string;
  item: string;
  before: string;
  after: string;
  /** The table whose rows change, and the rows before and after. */
  table: string;
  was: string;
  is: string;
}

/** Change rows and images for the rows of a CTE `numbered`, which has a `change_id`. */
function written({ step, kind, user = 'user_id', item, before, after, table, was, is }: Written): string {
  return /* sql */ `changed as (
    insert into lms_lifecycle.change
      (id, operation_id, chunk, round, seq, step, kind, user_id, item, before, after, reason, state, decided_at)
    overriding system value
    select change_id, :operation, :chunk, 1, row_number() over (), '${step}', '${kind}', ${user}, ${item}, ${before}, ${after},
           '{"rule": "by hand", "because": "it was asked for"}', 'applied', now() from numbered)
  insert into lms_lifecycle.row_image (change_id, table_name, before, after)
  select change_id, '${table}', ${was}, ${is} from numbered;`;
}

/** Everybody in the group, in the chunks in which the activities find them. */
export const targetsOfCourse = /* sql */ `
insert into lms_lifecycle.operation_target (operation_id, line, chunk, user_id, ref, state)
  select :operation, n, (n - 1) / :chunkUsers + 1, user_id, user_id, 'accepted'
    from (select user_id, row_number() over (order by user_id) as n from lms.membership where group_id = 'g-course') m;
analyze lms_lifecycle.operation_target;`;

export const removeLink = /* sql */ `
with gone as (delete from lms.group_course where group_id = 'g-course' and course_id = 'c-x' returning *),
numbered as materialized (select ${newId} as change_id, to_jsonb(gone) as image from gone),
${written({
  step: 'removeLinks',
  kind: 'link.remove',
  user: `''`,
  item: `'{"type": "groupCourse", "holder": "g-course", "activity": "c-x"}'`,
  before: `'{"position": null}'`,
  after: 'null',
  table: 'lms.group_course',
  was: 'image',
  is: 'null',
})}`;

const revoked: Written = {
  step: 'deassignContent',
  kind: 'access.revoke',
  item: `jsonb_build_object('activity', activity_id)`,
  before: `jsonb_build_object('access', true, 'method', method, 'status', status, 'listedAs', listed_as)`,
  after: `'{"access": false}'`,
  table: 'lms.registration',
  was: 'was',
  is: 'is_now',
};

const settle = /* sql */ `
update lms_lifecycle.operation_target set state = 'done' where operation_id = :operation and chunk = :chunk;`;

export const deassignChunk = /* sql */ `
begin;
with taken as (
  update lms.registration r set access = false
    from lms_lifecycle.operation_target t
   where t.operation_id = :operation and t.chunk = :chunk and r.user_id = t.user_id and r.activity_id = 'c-x'
     and r.access and r.method in ('self', 'admin') and r.status <> 'completed'
     and not exists (select from lms.membership m join lms.group_course g on g.group_id = m.group_id and g.course_id = 'c-x'
                      where m.user_id = r.user_id)
     and not exists (select from lms.membership m join lms.group_path g on g.group_id = m.group_id
                       join lms.path_course p on p.path_id = g.path_id and p.course_id = 'c-x' where m.user_id = r.user_id)
  returning to_jsonb(old) as was, to_jsonb(new) as is_now, new.*),
numbered as materialized (select ${newId} as change_id, taken.* from taken),
${written(revoked)}
${settle}
commit;`;

/** The rows of the stored list, in chunks. */
export const targetsOfProfiles = /* sql */ `
insert into lms_lifecycle.operation_target (operation_id, line, chunk, user_id, ref, state)
  select :operation, l.line, (row_number() over (order by l.line) - 1) / :chunkUsers + 1, a.id, l.ref, 'accepted'
    from lms_lifecycle.stored_list_line l join lms.account a on a.id = l.user_id and a.status = 'active'
   where l.list_id = :list;
analyze lms_lifecycle.operation_target;`;

/** Knows what the rules are like, and that nobody has another link. */
export const profilesChunk = /* sql */ `
begin;
create temp table moving on commit drop as
  select a.id as user_id, a.profile->>'team' as old_team, l.payload->'profile'->>'team' as new_team,
         was.id as old_group, new.id as new_group
    from lms_lifecycle.operation_target t
    join lms_lifecycle.stored_list_line l on l.list_id = :list and l.line = t.line
    join lms.account a on a.id = t.user_id
    left join lms.user_group was on was.smart_rule->'=='->>1 = a.profile->>'team'
    left join lms.user_group new on new.smart_rule->'=='->>1 = l.payload->'profile'->>'team'
   where t.operation_id = :operation and t.chunk = :chunk;
analyze moving;
with taken as (
  update lms.account a set profile = a.profile || jsonb_build_object('team', m.new_team)
    from moving m where a.id = m.user_id
  returning to_jsonb(old) as was, to_jsonb(new) as is_now, m.*),
numbered as materialized (select ${newId} as change_id, taken.* from taken),
${written({
  step: 'updateProfiles',
  kind: 'profile.update',
  item: `'{}'`,
  before: `jsonb_build_object('team', old_team)`,
  after: `jsonb_build_object('team', new_team)`,
  table: 'lms.account',
  was: 'was',
  is: 'is_now',
})}
with taken as (
  delete from lms.membership r using moving m
   where r.user_id = m.user_id and r.group_id = m.old_group and r.role = 'learner' returning r.*),
numbered as materialized (select ${newId} as change_id, to_jsonb(taken) as was, taken.* from taken),
${written({
  step: 'leaveGroups',
  kind: 'membership.remove',
  item: `jsonb_build_object('group', group_id, 'role', role)`,
  before: `'{"since": "2020-01-01T00:00:00Z"}'`,
  after: 'null',
  table: 'lms.membership',
  was: 'was',
  is: 'null',
})}
with lost as (
  select m.user_id, g.course_id from moving m join lms.group_course g on g.group_id = m.old_group
  except
  select m.user_id, g.course_id from moving m join lms.membership s on s.user_id = m.user_id
    join lms.group_course g on g.group_id = s.group_id),
taken as (
  update lms.registration r set access = false from lost l
   where r.user_id = l.user_id and r.activity_id = l.course_id and r.access and r.method in ('self', 'admin')
     and r.status <> 'completed'
  returning to_jsonb(old) as was, to_jsonb(new) as is_now, new.*),
numbered as materialized (select ${newId} as change_id, taken.* from taken),
${written(revoked)}
with taken as (
  insert into lms.membership (group_id, user_id, role, since) select new_group, user_id, 'learner', now() from moving
  on conflict do nothing returning *),
numbered as materialized (select ${newId} as change_id, to_jsonb(taken) as is_now, taken.* from taken),
${written({
  step: 'joinGroups',
  kind: 'membership.add',
  item: `jsonb_build_object('group', group_id, 'role', role)`,
  before: 'null',
  after: `'{"since": null}'`,
  table: 'lms.membership',
  was: 'null',
  is: 'is_now',
})}
with taken as (
  insert into lms.registration as r (user_id, course_id, method, status, access, listed_as, progress)
  select m.user_id, g.course_id, c.enrolment, 'enrolled', true, 'current', 0
    from moving m join lms.group_course g on g.group_id = m.new_group join lms.course c on c.id = g.course_id
  on conflict do nothing returning r.*),
numbered as materialized (select ${newId} as change_id, to_jsonb(taken) as is_now, taken.* from taken),
${written({
  step: 'assignContent',
  kind: 'registration.add',
  item: `jsonb_build_object('activity', activity_id)`,
  before: 'null',
  after: `jsonb_build_object('method', method, 'status', status, 'access', access, 'listedAs', listed_as, 'progress', progress)`,
  table: 'lms.registration',
  was: 'null',
  is: 'is_now',
})}
${settle}
commit;`;
