import type { HostEffect } from '../../host-lms.ts';

/** The account `a`, which must not be deleted meanwhile. */
const living = { join: 'join lms.account a on a.id = r.user_id', lock: 'for share of a' };

/**
 * access.revoke (C-01): compared that it is open, and neither completed nor enrolled otherwise meanwhile (C-02, C-03). In the undo of
 * a grant, which says no more than that it was closed: not completed since.
 */
export const revokeAccess = changeRegistration(
  /* sql */ `r.access and case when t.before ? 'method'
      then r.method = t.before->>'method' and r.status = t.before->>'status'
      else r.status <> 'completed' or exists (
        select from lms_lifecycle.row_image i
         where i.change_id = t.undoes and i.after->>'status' = 'completed') end`,
  'access = false',
);

/**
 * access.grant (C-14), and the undo of a revocation: of a living user, or one whom this very undo deletes again; that it is
 * de-assigned, and not unenrolled.
 */
export const grantAccess = changeRegistration(
  /* sql */ `(a.status = 'active' or t.user_id in (select user_id from leaver)) and not r.access and r.listed_as = coalesce(t.after->>'listedAs', 'current')`,
  'access = true',
  living,
);

const asBefore = /* sql */ `r.access = (t.before->>'access')::boolean and r.listed_as = t.before->>'listedAs'`;
const asAfter = /* sql */ `access = (o.after->>'access')::boolean, listed_as = o.after->>'listedAs'`;

/** registration.unenrol: of a living user, compared how it is listed and whether it is open. */
export const unenrol = changeRegistration(`a.status = 'active' and ${asBefore}`, asAfter, living);

/** registration.reenrol: the undo of that. */
export const reenrol = changeRegistration(asBefore, asAfter);

/** registration.add (C-14, R-05, R-07): a blank registration of a living user, unless there is one by now. */
export const addRegistrations: HostEffect = {
  statements: [
    {
      ctes: /* sql */ `
        living as (
          select a.id from lms.account a
           where a.id in (select user_id from todo) and a.status = 'active' order by a.id for share of a),
        wanted as (
          select t.id as change_id, t.user_id, t.after, c.id as course_id, p.id as path_id
            from todo t
            left join lms.course c on c.id = t.item->>'activity'
            left join lms.path p on p.id = t.item->>'activity' and c.id is null
           where (c.id is not null or p.id is not null) and t.user_id in (select id from living)),
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

/**
 * registration.remove, which is two things. In the undo of an assignment (`before` is the blank registration): only while nobody
 * has begun with it; history of an older registration says nothing. For good (R-03; `before` says how much history there is): the registration and its history, compared with
 * what was shown, and without any image.
 */
export const removeRegistrations: HostEffect = {
  statements: [
    {
      ctes: /* sql */ `
        removed as (
          delete from lms.registration r using todo t
           where r.user_id = t.user_id and r.activity_id = t.item->>'activity' and not t.before ? 'history'
             and r.method = t.before->>'method' and r.status = 'enrolled' and r.progress = 0 and r.access
             and not exists (select from lms.history h
                              where h.user_id = r.user_id and coalesce(h.course_id, h.path_id) = r.activity_id
                                and h.at >= (select added.decided_at from lms_lifecycle.change added where added.id = t.undoes))
          returning t.id as change_id, 'lms.registration' as table_name, to_jsonb(r) as before, null::jsonb as after),
        held as (
          select t.id as change_id, t.before->'history' as history, r.user_id, r.activity_id
            from todo t join lms.registration r on r.user_id = t.user_id and r.activity_id = t.item->>'activity'
           where t.before ? 'history' and r.method = t.before->>'method' and r.status = t.before->>'status'
           order by r.user_id, r.activity_id for update of r),
        as_shown as (
          select * from held
           where history = (
             select coalesce(jsonb_object_agg(kind, n), '{}')
               from (select h.kind, count(*) as n from lms.history h
                      where h.user_id = held.user_id and coalesce(h.course_id, h.path_id) = held.activity_id
                      group by h.kind) as kinds)),
        gone_history as (
          delete from lms.history h using as_shown s
           where h.user_id = s.user_id and coalesce(h.course_id, h.path_id) = s.activity_id),
        gone as (
          delete from lms.registration r using as_shown s
           where r.user_id = s.user_id and r.activity_id = s.activity_id
          returning s.change_id),
        decided as (select change_id from removed union all select change_id from gone)`,
      images: ['removed'],
    },
  ],
};

/** Changes registrations that are still as the plan has seen them. */
function changeRegistration(
  condition: string,
  assignment: string,
  { join, lock } = { join: '', lock: '' },
): HostEffect {
  return {
    statements: [
      {
        ctes: /* sql */ `
          old as (
            select t.id as change_id, t.after, r.user_id, r.activity_id, to_jsonb(r) as image
              from todo t
              join lms.registration r on r.user_id = t.user_id and r.activity_id = t.item->>'activity' ${join}
             where ${condition} order by r.user_id, r.activity_id for update of r ${lock}),
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
