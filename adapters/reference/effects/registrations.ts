import type { HostEffect } from '../../host-lms.ts';

/** access.revoke (C-01): compared that it is open, and neither completed nor enrolled otherwise meanwhile (C-02, C-03). */
export const revokeAccess = changeRegistration(
  /* sql */ `r.access and r.method = t.before->>'method' and r.status = t.before->>'status'`,
  'access = false',
);

/** access.grant (C-14), and the undo of a revocation: compared that it is de-assigned, and not unenrolled. */
export const grantAccess = changeRegistration(
  `not r.access and r.listed_as = coalesce(t.after->>'listedAs', 'current')`,
  'access = true',
);

/** registration.add (C-14): a blank registration, unless there is one by now. */
export const addRegistrations: HostEffect = {
  statements: [
    {
      ctes: /* sql */ `
        wanted as (
          select t.id as change_id, t.user_id, t.after, c.id as course_id, p.id as path_id
            from todo t
            left join lms.course c on c.id = t.item->>'activity'
            left join lms.path p on p.id = t.item->>'activity' and c.id is null
           where c.id is not null or p.id is not null),
        added as (
          insert into lms.registration as r (user_id, course_id, path_id, method, status, access, listed_as, progress)
          select user_id, course_id, path_id, after->>'method', after->>'status', (after->>'access')::boolean,
                 after->>'listedAs', (after->>'progress')::double precision from wanted
          on conflict do nothing returning r.*),
        added_images as (
          select w.change_id, 'lms.registration' as table_name, null::jsonb as before, to_jsonb(a) as after
            from added a
            join wanted w on w.user_id = a.user_id and coalesce(w.course_id, w.path_id) = a.activity_id),
        decided as (select change_id from added_images)`,
      images: ['added_images'],
    },
  ],
};

/** registration.remove in the undo of an assignment: only while nobody has begun with it. */
export const removeBlankRegistrations: HostEffect = {
  statements: [
    {
      ctes: /* sql */ `
        removed as (
          delete from lms.registration r using todo t
           where r.user_id = t.user_id and r.activity_id = t.item->>'activity'
             and r.method = t.before->>'method' and r.status = 'enrolled' and r.progress = 0 and r.access
             and not exists (select from lms.history h
                              where h.user_id = r.user_id and coalesce(h.course_id, h.path_id) = r.activity_id)
          returning t.id as change_id, 'lms.registration' as table_name, to_jsonb(r) as before, null::jsonb as after),
        decided as (select change_id from removed)`,
      images: ['removed'],
    },
  ],
};

/** Changes registrations that are still as the plan has seen them. */
function changeRegistration(condition: string, assignment: string): HostEffect {
  return {
    statements: [
      {
        ctes: /* sql */ `
          old as (
            select t.id as change_id, r.user_id, r.activity_id, to_jsonb(r) as image
              from todo t
              join lms.registration r on r.user_id = t.user_id and r.activity_id = t.item->>'activity'
             where ${condition} order by r.user_id, r.activity_id for update of r),
          changed as (
            update lms.registration r set ${assignment}
              from old o where r.user_id = o.user_id and r.activity_id = o.activity_id
            returning o.change_id, 'lms.registration' as table_name, o.image as before, to_jsonb(r) as after),
          decided as (select change_id from changed)`,
        images: ['changed'],
      },
    ],
  };
}
