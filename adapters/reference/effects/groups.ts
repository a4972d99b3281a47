import type { HostEffect } from '../../host-lms.ts';

/** Everything by which a group is still in use: none of it is deleted with a group. */
const uses = [
  'lms.membership m where m.group_id = t.id',
  'lms.course c where c.owner_group_id = t.id',
  'lms.path p where p.owner_group_id = t.id',
  'lms.group_course l where l.group_id = t.id',
  'lms.group_path l where l.group_id = t.id',
  'lms.session_audience_group s where s.group_id = t.id',
  'lms.platform p where p.root_group_id = t.id',
  'lms.user_group below where below.parent_id = t.id and below.id not in (select id from wanted)',
];

/**
 * group.delete (G-11): compared that the group is where it was, and that nothing is left in it; a group above one that must stay
 * stays too.
 */
export const deleteGroups: HostEffect = {
  // Waits for whoever is just coming into the group, so that the statement sees them; who comes later finds no group.
  lock: /* sql */ `select from lms.user_group where id in (
    select item->>'group' from lms_lifecycle.change where id in (select unnest($1::bigint[]))) order by id for update of user_group`,
  statements: [
    {
      ctes: /* sql */ `
        wanted as (
          select t.id as change_id, g.id, g.parent_id, to_jsonb(g) as image
            from todo t join lms.user_group g on g.id = t.item->>'group'
           where g.parent_id is not distinct from t.before->>'parent' for update of g),
        used as (
          select t.id, t.parent_id from wanted t where ${uses.map((use) => `exists (select from ${use})`).join(' or ')}),
        kept as (
          with recursive up as (
            select id, parent_id from used
            union
            select w.id, w.parent_id from wanted w join up on w.id = up.parent_id)
          select id from up),
        deleted as (
          delete from lms.user_group g using wanted w
           where g.id = w.id and w.id not in (select id from kept)
          returning w.change_id, 'lms.user_group' as table_name, w.image as before, null::jsonb as after),
        decided as (select change_id from deleted)`,
      images: ['deleted'],
    },
  ],
};

/** group.add in an undo: the group as it was, below the parent that it had. */
export const addGroups: HostEffect = {
  statements: [
    {
      ctes: /* sql */ `
        was as (
          select i.change_id, g.* from image i, jsonb_populate_record(null::lms.user_group, i.before) g
           where i.table_name = 'lms.user_group'),
        added as (
          insert into lms.user_group as g (id, name, parent_id, visibility, smart_rule)
          select id, name, parent_id, visibility, smart_rule from was
           where exists (select from lms.user_group up where up.id = was.parent_id)
              or exists (select from was up where up.id = was.parent_id)
          on conflict do nothing returning g.*),
        added_images as (
          select w.change_id, 'lms.user_group' as table_name, null::jsonb as before, to_jsonb(a) as after
            from added a join was w on w.id = a.id),
        decided as (select change_id from added_images)`,
      images: ['added_images'],
    },
  ],
};

/** group.move, compared by the parent; not below a group that is gone, nor below itself. */
export const moveGroups: HostEffect = {
  statements: [
    {
      ctes: /* sql */ `
        old as (
          select t.id as change_id, t.after->>'parent' as parent, g.id, to_jsonb(g) as image
            from todo t join lms.user_group g on g.id = t.item->>'group'
           where g.parent_id = t.before->>'parent'
             and exists (select from lms.user_group up where up.id = t.after->>'parent')
             for update of g),
        moved as (
          update lms.user_group g set parent_id = o.parent from old o where g.id = o.id
          returning o.change_id, 'lms.user_group' as table_name, o.image as before, to_jsonb(g) as after),
        decided as (select change_id from moved)`,
      images: ['moved'],
    },
  ],
};
