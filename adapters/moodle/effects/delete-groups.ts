import type { EffectStatement, EffectStatements, HostEffect, Sql } from '../../host-lms.ts';
import { rootGroup } from '../groups.ts';
import type { MoodlePolicy } from '../moodle-policy.ts';
import { notGuest } from '../read-users.ts';
import { unenrolAction } from './cohort-departure.ts';
import { deleteRows, doomedName } from './doomed-rows.ts';
import type { DoomedRows } from './doomed-rows.ts';
import { deleteInstances } from './drop-instances.ts';
import { groupBelongings, groupItself } from './group-rows.ts';
import { logEvents } from './log-events.ts';
import { timeOpenAttempts } from './open-attempts.ts';
import { act } from './prelude.ts';
import { putBack } from './put-back.ts';
import type { RestorableTable } from './put-back.ts';
import { consequences, rewound } from './rejoin-groups.ts';

/** `asked(change_id, kind, key, parent)`: the groups, by kind and number. */
const asked = /* sql */ `
  asked as materialized (
    select t.id as change_id, split_part(t.item->>'group', ':', 1) as kind, split_part(t.item->>'group', ':', 2)::bigint as key,
           t.before->>'parent' as parent
      from todo t where t.item->>'group' ~ '^(cohort|course-group):[0-9]{1,18}$')`;

/** Nobody who lives is a member by `members` any more. */
const empty = (members: string): string => /* sql */ `
  not exists (select from ${members} and exists (select from {user} u where u.id = m.userid and u.deleted = 0 and ${notGuest}))`;

/**
 * Compared: that a group is where it was, and that nothing uses it any more: no living member, and of a cohort no open method and no
 * learning path. One that is still in use stays: a conflict.
 */
const unused = /* sql */ `
  cohorts as materialized (
    select a.change_id, h.id as groupid, h.contextid
      from asked a join {cohort} h on a.kind = 'cohort' and h.id = a.key join {context} c on c.id = h.contextid
     where a.parent = case c.contextlevel when 40 then 'category:' || c.instanceid else '${rootGroup}' end
       and ${empty('{cohort_members} m where m.cohortid = h.id')}
       and not exists (select from {enrol} e where e.enrol = 'cohort' and e.customint1 = h.id and e.status = 0)
       and not exists (select from {competency_templatecohort} t where t.cohortid = h.id)
     order by h.id for update of h),
  course_groups as materialized (
    select a.change_id, s.id as groupid, s.courseid, c.id as contextid
      from asked a join {groups} s on a.kind = 'course-group' and s.id = a.key
      join {context} c on c.contextlevel = 50 and c.instanceid = s.courseid
     where a.parent is null and ${empty('{groups_members} m where m.groupid = s.id')}
     order by s.id for update of s)`;

const logs = [
  logEvents(
    'logged_cohorts',
    { event: 'cohort_deleted', action: 'deleted', target: 'cohort', objecttable: 'cohort' },
    `select g.groupid as objectid, g.contextid, 0 as courseid, null::bigint as relateduserid, null as other from cohorts g`,
  ),
  logEvents(
    'logged_course_groups',
    { event: 'group_deleted', action: 'deleted', target: 'group', objecttable: 'groups' },
    `select g.groupid as objectid, g.contextid, g.courseid, null::bigint as relateduserid, null as other from course_groups g`,
  ),
];

function deleteThem(rows: readonly DoomedRows[]): EffectStatement {
  return {
    ctes: [
      act,
      asked,
      unused,
      ...rows.map(deleteRows),
      ...logs,
      'decided as (select change_id from doomed_cohort union all select change_id from doomed_groups)',
    ].join(','),
    images: rows.map(doomedName),
  };
}

/** Moodle looks anew at every open attempt of a quiz that had an override for the group. */
const timeAttempts: EffectStatement = {
  ctes: timeOpenAttempts(
    'select null::bigint where false',
    /* sql */ `
    select a.id, min(t.id) as change_id
      from todo t
      join lms_lifecycle.row_image o on o.change_id = t.id and o.table_name = '{quiz_overrides}' and o.after is null
      join {quiz_attempts} a on a.quiz = (o.before->>'quiz')::bigint and a.state in ('inprogress', 'overdue')
     group by a.id`,
  ),
  images: ['timed_attempts'],
};

const methods = /* sql */ `
  methods as materialized (
    select a.change_id, e.id, e.courseid from asked a join {enrol} e on a.kind = 'cohort' and e.enrol = 'cohort' and e.customint1 = a.key)`;

/** Which of the methods go with their cohort: as the site says; where the rules hold, those that nobody is enrolled by any more. */
const finished = (policy: MoodlePolicy): string => /* sql */ `
  finished as materialized (
    select m.* from methods m
     where ${policy === 'host' ? `${unenrolAction} <> '3'` : 'not exists (select from {user_enrolments} ue where ue.enrolid = m.id)'})`;

/** Those that stay, closed, by the policy `host`. */
const loggedClosed = logEvents(
  'logged_closed',
  {
    event: 'enrol_instance_updated',
    action: 'updated',
    target: 'enrol_instance',
    objecttable: 'enrol',
    crud: 'u',
  },
  /* sql */ `
    select m.id as objectid, c.id as contextid, m.courseid, null::bigint as relateduserid, '{"enrol":"cohort"}' as other
      from methods m join {context} c on c.contextlevel = 50 and c.instanceid = m.courseid
     where m.id not in (select id from finished)`,
);

/**
 * group.delete (G-11): a cohort with its enrolment methods, which the links' changes have closed; a course group with all that is its
 * own. The members have left before.
 */
export function deleteGroups(policy: MoodlePolicy): HostEffect {
  const more = policy === 'host' ? [loggedClosed] : [];
  return {
    statements: async (sql: Sql): Promise<EffectStatements> => [
      deleteThem([...groupItself, ...(await groupBelongings(sql))]),
      timeAttempts,
      deleteInstances([asked, methods, finished(policy)], more),
    ],
  };
}

const restorable = ({ table, needs }: DoomedRows): RestorableTable => ({ table, ...(needs && { needs }) });

/** group.add in an undo: the group as it was, with its id, then what went with it. */
export const restoreGroups: HostEffect = {
  statements: async (sql: Sql): Promise<EffectStatements> => [
    putBack(groupItself.map(restorable)),
    putBack([
      ...(await groupBelongings(sql)).filter(({ table }) => !comesBackLater.has(table)).map(restorable),
      { table: 'enrol', needs: { courseid: 'course', customint1: 'cohort' } },
    ]),
    rewound,
    putBack(consequences),
  ],
};

/** With whoever was enrolled by the cohort without being in it. */
const comesBackLater: ReadonlySet<string> = new Set(consequences.map(({ table }) => table));
