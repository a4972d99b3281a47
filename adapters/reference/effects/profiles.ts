import type { HostEffect } from '../../host-lms.ts';

/**
 * profile.update (C-04): compared that the attributes it touches are still as they were; null is none. The others may change
 * meanwhile, and stay as they are.
 */
export const updateProfiles: HostEffect = {
  statements: [
    {
      ctes: /* sql */ `
        old as (
          select t.id as change_id, t.after as asked, a.id, to_jsonb(a) as image
            from todo t join lms.account a on a.id = t.user_id
           where a.status = 'active'
             and not exists (select from jsonb_each(t.before) as was(name, value)
                              where coalesce(a.profile->was.name, 'null') <> was.value)
           order by a.id for update of a),
        changed as (
          update lms.account a
             set profile = (a.profile || o.asked)
                 - array(select name from jsonb_each(o.asked) as given(name, value) where given.value = 'null')
            from old o where a.id = o.id
          returning o.change_id, 'lms.account' as table_name, o.image as before, to_jsonb(a) as after),
        decided as (select change_id from changed)`,
      images: ['changed'],
    },
  ],
};
