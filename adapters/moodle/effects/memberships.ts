import type { EffectStatement, HostEffect } from '../../host-lms.ts';
import { flagDirty } from './dirty-users.ts';
import { logRoles } from './log-events.ts';
import { act, wanted } from './prelude.ts';
import { putBack } from './put-back.ts';

const named = /* sql */ `
  named as (
    select w.*, split_part(w.item->>'group', ':', 1) as kind,
           case when w.item->>'group' ~ '^(cohort|category):[0-9]{1,18}$'
                then split_part(w.item->>'group', ':', 2)::bigint else 0 end as key,
           w.item->>'role' as role, (w.before->>'since')::timestamptz as since
      from wanted w)`;

/** Learner: the row of cohort_members. Moodle writes no log row for it when the account goes. */
const leftCohorts = /* sql */ `
  left_cohorts as (
    delete from {cohort_members} x using named n
     where n.kind = 'cohort' and n.role = 'learner' and x.cohortid = n.key and x.userid = n.userid
       and to_timestamp(x.timeadded) = n.since
    returning n.change_id, '{cohort_members}' as table_name, to_jsonb(x) as before, null::jsonb as after)`;

/** Admin: every role of the archetype manager in the context of the category, or of the system for the root. */
const leftOffices = /* sql */ `
  offices as (
    select n.change_id, c.id as contextid, n.userid, n.since
      from named n
      join {context} c on (n.kind = 'category' and c.contextlevel = 40 and c.instanceid = n.key)
        or (n.kind = 'system' and c.contextlevel = 10)
     where n.role = 'admin'),
  held_offices as (
    select o.change_id, ra.id, min(ra.timemodified) over (partition by o.change_id) as since, o.since as planned
      from offices o join {role_assignments} ra on ra.userid = o.userid and ra.contextid = o.contextid
      join {role} r on r.id = ra.roleid and r.archetype = 'manager'),
  left_offices as (
    delete from {role_assignments} x using held_offices h
     where x.id = h.id and to_timestamp(h.since) = h.planned
    returning h.change_id, '{role_assignments}' as table_name, to_jsonb(x) as before, null::jsonb as after, x.userid)`;

const leave: EffectStatement = {
  ctes: [
    act,
    wanted,
    named,
    leftCohorts,
    leftOffices,
    logRoles('logged_offices', 'left_offices', 'role_unassigned'),
    flagDirty('left_offices'),
    'decided as (select change_id from left_cohorts union all select change_id from left_offices)',
  ].join(','),
  images: ['left_cohorts', 'left_offices'],
};

/**
 * membership.remove: compared by group, role and `since`. A role that comes with a cohort's context (users.ts) is no
 * membership of its own and cannot be removed by the cohort's name.
 */
export const leaveGroups: HostEffect = { statements: [leave] };

/** membership.add in an undo: the rows as they were, where group, role and account are still there. */
export const rejoinGroups: HostEffect = {
  statements: [
    putBack([
      { table: 'cohort_members', needs: { cohortid: 'cohort' }, ofLiving: true },
      {
        table: 'role_assignments',
        needs: { roleid: 'role', contextid: 'context' },
        ofLiving: true,
        unique: true,
      },
    ]),
  ],
};
