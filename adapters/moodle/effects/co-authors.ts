import type { HostEffect } from '../../host-lms.ts';
import { flagDirty } from './dirty-users.ts';
import { logRoles } from './log-events.ts';
import { act, authorship, wanted } from './prelude.ts';
import { putBack } from './put-back.ts';

/** co-role.remove: every author role in the course goes. Compared: that the one that made the position is still there. */
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
              on a.userid = w.userid and a.id = (w.before->>'position')::bigint
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

/** co-role.add in an undo: the assignments as they were, which also gives the old place back: their ids are the order. */
export const rejoinCoAuthors: HostEffect = {
  statements: [
    putBack([
      {
        table: 'role_assignments',
        needs: { roleid: 'role', contextid: 'context' },
        ofLiving: true,
        unique: true,
      },
    ]),
  ],
};
