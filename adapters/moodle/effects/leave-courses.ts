import type { EffectStatement } from '../../host-lms.ts';
import { alterEnrolments } from './altered-enrolments.ts';
import { cohortDeparture } from './cohort-departure.ts';
import type { Departure } from './cohort-departure.ts';
import { courseMarks, droppedCompletions } from './course-marks.ts';
import { flagDirty } from './dirty-users.ts';
import { deleteRows, doomedName } from './doomed-rows.ts';
import type { DoomedRows } from './doomed-rows.ts';
import { timeOpenAttempts } from './open-attempts.ts';
import { reopened, spareCompleted } from './spare-completed.ts';

/** The method's own groups and roles, and where a course is lost all of them there, roles below the course too. */
const doomed = /* sql */ `
  doomed_memberships as materialized (
    select m.id, min(m.change_id) as change_id
      from (select m.id, g.change_id
              from departing g
              join {groups_members} m on m.component = 'enrol_' || g.enrol and m.itemid = g.enrolid and m.userid = g.userid
             where g.fate = 'delete' and not g.spared
            union all
            select m.id, l.change_id
              from lost l join {groups_members} m on m.userid = l.userid join {groups} s on s.id = m.groupid and s.courseid = l.courseid
           ) m group by m.id),
  doomed_roles as materialized (
    select a.id, min(a.change_id) as change_id
      from (select a.id, g.change_id
              from departing g
              join {role_assignments} a on a.component = 'enrol_' || g.enrol and a.itemid = g.enrolid and a.userid = g.userid
               and a.contextid = g.contextid
             where g.drops_all or g.drops_lost and a.roleid = any (g.lost) and a.roleid <> all (g.kept)
            union all
            select a.id, l.change_id
              from lost l join {role_assignments} a on a.userid = l.userid join {context} c on c.id = a.contextid
             where c.id = l.contextid or l.contextid::text = any (string_to_array(c.path, '/'))
           ) a group by a.id)`;

const inLostForum = (column: string): Omit<DoomedRows, 'table'> => ({
  of: 'lost',
  via: 'join {forum} f on f.course = g.courseid',
  where: `x.userid = g.userid and x.${column} = f.id`,
});

const rows: readonly DoomedRows[] = [
  { table: 'user_enrolments', of: 'departing', where: `x.id = g.id and g.fate = 'delete'` },
  { table: 'role_assignments', of: 'doomed_roles', where: 'x.id = g.id' },
  { table: 'groups_members', of: 'doomed_memberships', where: 'x.id = g.id' },
  {
    table: 'message_conversation_members',
    of: 'left_memberships',
    via: `join {message_conversations} v on v.component = 'core_group' and v.itemtype = 'groups' and v.itemid = g.groupid`,
    where: 'x.userid = g.userid and x.conversationid = v.id',
  },
  {
    table: 'grade_grades',
    of: 'lost',
    via: 'join {grade_items} gi on gi.courseid = g.courseid',
    where: 'x.userid = g.userid and x.itemid = gi.id',
  },
  { table: 'user_lastaccess', of: 'lost', where: 'x.userid = g.userid and x.courseid = g.courseid' },
  { table: 'forum_subscriptions', ...inLostForum('forum') },
  { table: 'forum_digests', ...inLostForum('forum') },
  { table: 'forum_track_prefs', ...inLostForum('forumid') },
  { table: 'forum_read', ...inLostForum('forumid') },
];

/** Who has left which course group: in the statement before, or by what happens here. */
const leftMemberships = (before: string | undefined): string => /* sql */ `
  left_memberships as materialized (
    ${before === undefined ? '' : `${before} union all`}
    select d.change_id, m.userid, m.groupid, false as dies from doomed_memberships d join {groups_members} m on m.id = d.id)`;

/** Whose rights have changed. */
const unsettled = (more: readonly string[]): string => {
  const deleted = ['user_enrolments', 'role_assignments'].map(
    (table) => `select (before->>'userid')::bigint as userid from ${doomedName({ table })}`,
  );
  const others = ['altered_enrolments', ...more].map((cte) => `select userid from ${cte}`);
  return `unsettled as (${[...deleted, ...others].join(' union all ')})`;
};

/** The circumstances in which courses are left. */
export interface Circumstances {
  /** CTEs that define `act` and `leaving`. */
  prelude: string;
  /** A select of `change_id, userid, groupid, dies`: course groups that were left before, and whether they are deleted. */
  groupsLeft?: string;
  /** A CTE that logs what has happened before. */
  log?: string;
  /** Whether completions stay that hung on a grade which goes. */
  keepsCompletions?: boolean;
}

/**
 * What Moodle does when a living user has lost the ground of enrolments, or left a course group (Moodle 4.5: measured): the
 * enrolments that hung on it end or are suspended, those that enrol_meta has copied follow, and where none is left in a
 * course its roles, groups, grades, last access and forum settings go; a course group notes the time and its
 * conversation loses a member. Completions, competencies, plans, badges, submissions and posts stay.
 *
 * The policy `rules` differs in completed courses that would no longer be visible: spare-completed.ts. Their groups stay
 * as they are, grades and the rest too.
 */
export function leaveCourses(
  departure: Departure,
  { prelude, groupsLeft, log, keepsCompletions = departure.policy === 'rules' }: Circumstances,
): EffectStatement {
  const spares = departure.policy === 'rules';
  return {
    ctes: [
      prelude,
      cohortDeparture(departure),
      ...(spares ? [spareCompleted] : []),
      doomed,
      leftMemberships(groupsLeft),
      ...rows.map(deleteRows),
      alterEnrolments(spares ? reopened : null),
      timeOpenAttempts('select id from doomed_memberships'),
      courseMarks('r.id in (select l.id from lost l)'),
      ...(keepsCompletions ? [] : [droppedCompletions]),
      ...(log === undefined ? [] : [log]),
      unsettled(spares ? ['enrolled', 'appointed'] : []),
      flagDirty('unsettled'),
    ].join(','),
    images: [
      ...rows.map(doomedName),
      'altered_enrolments',
      'timed_attempts',
      'touched_groups',
      ...(spares ? ['enrolled', 'appointed'] : []),
      ...(keepsCompletions ? [] : ['dropped_completions']),
    ],
  };
}
