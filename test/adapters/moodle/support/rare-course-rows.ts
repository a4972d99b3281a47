import type { Sql } from '../../../../contracts/sql.ts';

/**
 * What the small site has none of, for learner3 (5) and learner5 (7): roles in a module and in a block of a course, forum
 * settings, a grade that a completion hangs on, overrides of a quiz for groups and an attempt that is open.
 */
export async function insertRareCourseRows(sql: Sql): Promise<void> {
  await sql.query(`
    insert into mdl_context (id, contextlevel, instanceid, path, depth) values (900, 80, 900, '/1/11/12/26/30/900', 6);
    insert into mdl_role_assignments (roleid, contextid, userid, timemodified, modifierid) values
      (4, 30, 5, 1, 2), (4, 900, 5, 1, 2), (4, 36, 5, 1, 2);
    insert into mdl_forum_subscriptions (userid, forum) values (5, 1), (5, 2);
    insert into mdl_forum_digests (userid, forum, maildigest) values (5, 1, 1), (5, 2, 1);
    insert into mdl_forum_track_prefs (userid, forumid) values (5, 1), (5, 2);
    insert into mdl_forum_read (userid, forumid, discussionid, postid, firstread, lastread)
      values (5, 1, 1, 1, 1, 1), (5, 2, 1, 1, 1, 1);
    update mdl_course_modules set completion = 2, completiongradeitemnumber = 0 where id = 2;
    insert into mdl_course_modules_completion (coursemoduleid, userid, completionstate, timemodified)
      values (2, 5, 1, 1), (3, 5, 1, 1), (2, 7, 1, 1);
    insert into mdl_quiz_overrides (quiz, groupid, timeclose, timelimit) values (1, 3, 2000000000, null), (1, 1, null, 3600);
    update mdl_quiz set graceperiod = 10 where id = 1;
    update mdl_quiz_attempts set timecheckstate = 2000000000 where id = 1`);
}

/** What the settings of the two methods say that happens with an enrolment that lost its ground. */
export async function setUnenrolActions(sql: Sql, cohort: string, meta = '3'): Promise<void> {
  await sql.query(
    `update mdl_config_plugins set value = case plugin when 'enrol_cohort' then $1 else $2 end
      where plugin in ('enrol_cohort', 'enrol_meta') and name = 'unenrolaction'`,
    [cohort, meta],
  );
}

/** learner3 is in the child course 4 only by what enrol_meta copied from course 2. */
export async function onlyCopied(sql: Sql): Promise<void> {
  await sql.query(`
    delete from mdl_cohort_members where id = 6;
    delete from mdl_user_enrolments where id = 35;
    delete from mdl_role_assignments where id = 36;
    insert into mdl_user_lastaccess (userid, courseid, timeaccess) values (5, 4, 1);
    insert into mdl_groups (id, courseid, name) values (77, 4, 'copied');
    insert into mdl_groups_members (groupid, userid, timeadded, component, itemid) values (77, 5, 1, 'enrol_meta', 14)`);
}
