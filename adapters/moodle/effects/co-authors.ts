import type { HostEffect } from '../../host-lms.ts';
import { flagDirty } from './dirty-users.ts';
import { logRoles } from './log-events.ts';
import { act, authorship, wanted } from './prelude.ts';
import { noTwin } from './put-back.ts';

/**
 * co-role.remove: every author role in the course goes. Compared: that the one that made the position is still there; where it
 * undoes a reinstatement, the one that this one gave.
 */
export const leaveCoAuthors: HostEffect = {
  statements: [
    {
      ctes: [
        act,
        wanted,
        /* sql */ `
        posts as (
          select w.change_id, a.userid, a.contextid
            from wanted w join lateral (${authorship}) a
              on a.userid = w.userid
             and a.id = case when w.undoes is null then (w.before->>'position')::bigint
                             else (select min((i.after->>'id')::bigint) from image i where i.change_id = w.change_id) end
           where w.item->>'type' = 'course' and w.item->>'id' = a.courseid::text),
        left_posts as (
          delete from {role_assignments} x using posts p, (${authorship}) a
           where a.userid = p.userid and a.contextid = p.contextid and x.id = a.id
          returning p.change_id, '{role_assignments}' as table_name, to_jsonb(x) as before, null::jsonb as after, x.userid)`,
        logRoles('logged_posts', 'left_posts', 'role_unassigned'),
        flagDirty('left_posts'),
        'decided as (select change_id from left_posts)',
      ].join(','),
      images: ['left_posts'],
    },
  ],
};

/**
 * The assignments as they were, with their ids, which also gives the old place back: their order is that of the authors. Only an
 * id before that of today's first author would make a main author of a co-author (the main author of then is not back, or was
 * appointed anew): such a row comes back with a new id, behind all others.
 */
const comingBack = /* sql */ `
  coming_back as materialized (
    select i.change_id, case
             when r.id < (select min(a.id) from (${authorship}) a where a.contextid = r.contextid)
             then i.before || jsonb_build_object('id', nextval(pg_get_serial_sequence('{role_assignments}', 'id')))
             else i.before end as image
      from image i cross join lateral jsonb_populate_record(null::{role_assignments}, i.before) r
     where i.table_name = '{role_assignments}' and i.before is not null and i.after is null
       and exists (select from {role} o where o.id = r.roleid)
       and exists (select from {context} c where c.id = r.contextid)
       and exists (select from {user} u where u.id = r.userid and u.deleted = 0)
       and ${noTwin('role_assignments')}
     order by r.id)`;

/** co-role.add, in an undo or a reinstatement. */
export const rejoinCoAuthors: HostEffect = {
  statements: [
    {
      ctes: /* sql */ `
        ${comingBack},
        back_posts as (
          insert into {role_assignments}
          select r.* from coming_back c cross join lateral jsonb_populate_record(null::{role_assignments}, c.image) r
          on conflict do nothing returning id),
        rejoined as (
          select c.change_id, '{role_assignments}' as table_name, null::jsonb as before, c.image as after
            from coming_back c where (c.image->>'id')::bigint in (select id from back_posts)),
        decided as (select change_id from rejoined)`,
      images: ['rejoined'],
    },
  ],
};
