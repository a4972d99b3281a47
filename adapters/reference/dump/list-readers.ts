import type { WorldList } from '../../../contracts/world.ts';

/** An instant in UTC: no fraction when it is zero, else three digits, or six where they say more. */
const instant = (column: string): string =>
  `regexp_replace(to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '\\.000000$|000$', '') || 'Z'`;

const date = (column: string): string => `to_char(${column}, 'YYYY-MM-DD')`;

/** The ids in another table's rows of this one, as a JSON array in an order of its own. */
const ids = (id: string, table: string, of: string, order: string = id): string =>
  `coalesce((select json_agg(${id} order by ${order}) from lms.${table} where ${of}), '[]')`;

/**
 * Reads each list of the world file, sorted as dumps are. The columns are the members, under their names and in
 * their order, so that a row is an entry.
 */
export const listReaders: Record<WorldList, string> = {
  users: `select id, email, name, status, ${instant('deleted_at')} as "deletedAt", deletion_kind as "deletionKind",
      deleted_by as "deletedBy", ${date('deletion_scheduled_on')} as "deletionScheduledOn", profile,
      (select count(*)::int from lms.login_session where user_id = account.id) as "loginSessions"
    from lms.account order by id`,
  groups: `select id, name, parent_id as parent, visibility, smart_rule as "smartRule" from lms.user_group order by id`,
  memberships: `select group_id as "group", user_id as "user", role, ${instant('since')} as since
    from lms.membership order by group_id, user_id, role collate "C"`,
  courses: `select id, title, owner_group_id as "ownerGroup", main_author_id as "mainAuthor",
      ${ids('user_id', 'course_co_author', 'course_id = course.id', 'position')} as "coAuthors",
      parent_course_id as "parentCourse", translation_of_id as "translationOf", enrolment
    from lms.course order by id`,
  paths: `select id, title, owner_group_id as "ownerGroup", main_author_id as "mainAuthor",
      ${ids('user_id', 'path_co_author', 'path_id = path.id', 'position')} as "coAuthors",
      ${ids('course_id', 'path_course', 'path_id = path.id', 'position')} as courses, enrolment
    from lms.path order by id`,
  groupCourses: `select group_id as "group", course_id as course from lms.group_course order by 1, 2`,
  groupPaths: `select group_id as "group", path_id as path from lms.group_path order by 1, 2`,
  pathSessions: `select id, path_id as path, audience,
      ${ids('group_id', 'session_audience_group', 'session_id = path_session.id')} as "audienceGroups",
      main_instructor_id as "mainInstructor",
      ${ids('user_id', 'session_co_instructor', 'session_id = path_session.id', 'position')} as "coInstructors",
      ${ids('user_id', 'session_participant', 'session_id = path_session.id')} as participants
    from lms.path_session order by id`,
  slots: `select id, session_id as session, ${instant('starts_at')} as "startsAt", ${instant('ends_at')} as "endsAt",
      capacity, ${ids('user_id', 'slot_attendee', 'slot_id = slot.id')} as attendees
    from lms.slot order by id`,
  activities: `select id, course_id as course, kind, title, owner_id as owner from lms.activity order by id`,
  items: `select id, kind, author_id as author, title from lms.item order by id`,
  registrations: `select user_id as "user", activity_id as activity, method, status, access, listed_as as "listedAs",
      progress, ${instant('completed_at')} as "completedAt"
    from lms.registration order by user_id, activity_id`,
  history: `select user_id as "user", coalesce(course_id, path_id) as activity, kind, ${instant('at')} as at, result
    from lms.history order by user_id, coalesce(course_id, path_id), history.at, kind collate "C", id`,
  qualifications: `select id, name, rule,
      ${ids('coalesce(course_id, path_id)', 'qualification_activity', 'qualification_id = qualification.id')} as activities
    from lms.qualification order by id`,
};
