import type { EffectStatement, HostEffect } from '../../host-lms.ts';
import type { MoodlePolicy } from '../moodle-policy.ts';
import { cohortDeparture, leavesCohort } from './cohort-departure.ts';
import type { Departure } from './cohort-departure.ts';
import { flagDirty } from './dirty-users.ts';
import { leaveCourses } from './leave-courses.ts';
import { logEvents, logRoles } from './log-events.ts';
import { act, expectMany, shielded } from './prelude.ts';
import { homeless } from './spare-completed.ts';

/** `dying("group")`: the groups that this operation deletes (G-11). */
const dying = /* sql */ `
  dying as materialized (
    select d.item->>'group' as "group" from lms_lifecycle.change d
     where d.operation_id = (select operation from op) and d.user_id = '' and d.kind = 'group.delete'
       and d.state in ('pending', 'applied'))`;

/**
 * The memberships that end. Of site administrators and the guest (prelude.ts) only those are left out whose account was to be
 * deleted: Moodle lets a living one out of a group like anybody.
 */
const named = /* sql */ `
  named as materialized (
    select t.id as change_id, t.user_id::bigint as userid, split_part(t.item->>'group', ':', 1) as kind,
           case when t.item->>'group' ~ '^(cohort|category|course-group):[0-9]{1,18}$'
                then split_part(t.item->>'group', ':', 2)::bigint else 0 end as key,
           t.item->>'role' as role, (t.before->>'since')::timestamptz as since,
           t.user_id in (select user_id from leaver) is true as leaves,
           t.item->>'group' in (select "group" from dying) as dies
      from todo t
     where t.user_id::bigint not in (select id from shielded) or t.user_id not in (select user_id from leaver))`;

/** Who leaves a cohort and lives on. With the account everything goes anyway: retire-courses.ts. */
const leaving = /* sql */ `
  leaving as materialized (
    select n.change_id, n.userid, n.key as cohortid, n.dies from named n ${expectMany}
     where n.kind = 'cohort' and n.role = 'learner' and not n.leaves)`;

const prelude = [act, shielded, dying, named, leaving].join(',');

/** Learner: the row of cohort_members. Moodle writes no log row for it when the account goes. */
const leftCohorts = (unless: string): string => /* sql */ `
  left_cohorts as (
    delete from {cohort_members} x using named n
     where n.kind = 'cohort' and n.role = 'learner' and x.cohortid = n.key and x.userid = n.userid
       and to_timestamp(x.timeadded) = n.since ${unless}
    returning n.change_id, '{cohort_members}' as table_name, to_jsonb(x) as before, null::jsonb as after)`;

/**
 * Learner in a course group. Whom enrol_cohort or enrol_meta keep in it cannot leave it by hand (Moodle 4.5: read: they refuse, and
 * their synchronisation would put the user back): a conflict, unless the group itself goes.
 */
const leftCourseGroups = /* sql */ `
  left_course_groups as (
    delete from {groups_members} x using named n
     where n.kind = 'course-group' and n.role = 'learner' and x.groupid = n.key and x.userid = n.userid
       and to_timestamp(x.timeadded) = n.since and (n.dies or x.component not in ('enrol_cohort', 'enrol_meta'))
    returning n.change_id, '{groups_members}' as table_name, to_jsonb(x) as before, null::jsonb as after)`;

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

/** The course groups that the statement before has left. */
const groupsLeft = `select n.change_id, n.userid, n.key as groupid, n.dies from named n where n.kind = 'course-group'`;

const loggedDepartures = logEvents(
  'logged_departures',
  { event: 'cohort_member_removed', action: 'removed', target: 'cohort_member', objecttable: 'cohort' },
  /* sql */ `
    select h.id as objectid, h.contextid, 0 as courseid, l.userid as relateduserid, null as other
      from leaving l join {cohort} h on h.id = l.cohortid where not l.dies`,
);

const left = ['left_cohorts', 'left_course_groups', 'left_offices'];

/** The deciding statement. Under the policy `rules` it looks first at which courses would be lost. */
function leave(departure: Departure): EffectStatement {
  const spares = departure.policy === 'rules';
  return {
    ctes: [
      prelude,
      ...(spares ? [cohortDeparture(departure), homeless] : []),
      leftCohorts(spares ? 'and n.change_id not in (select change_id from homeless)' : ''),
      leftCourseGroups,
      leftOffices,
      logRoles('logged_offices', 'left_offices', 'role_unassigned'),
      flagDirty('left_offices'),
      `decided as (${left.map((cte) => `select change_id from ${cte}`).join(' union all ')})`,
    ].join(','),
    images: left,
  };
}

/**
 * membership.remove: compared by group, role and `since`. A role that comes with a context (read-users.ts) is no membership
 * of its own and cannot be removed by the name of a cohort or course group.
 */
export function leaveGroups(policy: MoodlePolicy): HostEffect {
  const departure: Departure = {
    policy,
    hangs: leavesCohort,
    ...(policy === 'host' && { cohortsDie: true }),
  };
  return {
    statements: [leave(departure), leaveCourses(departure, { prelude, groupsLeft, log: loggedDepartures })],
  };
}
