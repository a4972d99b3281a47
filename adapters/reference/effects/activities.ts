import type { HostEffect } from '../../host-lms.ts';

/**
 * activity.copy (D-12): a new activity with kind and title of the original, which is left as it is. Its id is made of the
 * original's and the operation's, so that the same operation never makes two.
 */
export const copyActivities: HostEffect = {
  statements: [
    {
      ctes: /* sql */ `
        taker as (
          select a.id from lms.account a
           where a.id in (select t.after->>'owner' from todo t) and a.status = 'active' order by a.id for share of a),
        wanted as (
          select t.id as change_id, o.id || '-copy-' || md5(op.operation || ' ' || o.id) as id, c.id as course_id,
                 o.kind, o.title, taker.id as owner_id
            from todo t cross join op
            join lms.activity o on o.id = t.item->>'activity'
            join lms.course c on c.id = t.item->>'course'
            join taker on taker.id = t.after->>'owner'),
        added as (
          insert into lms.activity as a (id, course_id, kind, title, owner_id)
          select id, course_id, kind, title, owner_id from wanted
          on conflict do nothing returning a.*),
        copied as (
          select w.change_id, 'lms.activity' as table_name, null::jsonb as before, to_jsonb(a) as after
            from added a join wanted w on w.id = a.id),
        decided as (select change_id from copied)`,
      images: ['copied'],
    },
  ],
};

/** activity.remove, in the undo of a copy: only while nobody has changed it. */
export const removeCopies: HostEffect = {
  statements: [
    {
      ctes: /* sql */ `
        removed as (
          delete from lms.activity a using image i
           where i.table_name = 'lms.activity' and a.id = i.after->>'id' and to_jsonb(a) = i.after
          returning i.change_id, 'lms.activity' as table_name, to_jsonb(a) as before, null::jsonb as after),
        decided as (select change_id from removed)`,
      images: ['removed'],
    },
  ],
};
