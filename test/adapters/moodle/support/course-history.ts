import type { Sql } from '../../../../contracts/sql.ts';

/**
 * One of each of what is kept about learner5 (7) in course 2 beside what the small site has, and the same of learner3 (5); with
 * tables that a whole Moodle has and the small site has not, for what hangs on an attempt and a submission.
 */
export async function insertCourseHistory(sql: Sql): Promise<void> {
  await sql.query(`
    create table if not exists mdl_question_usages (id bigint primary key);
    create table mdl_question_attempts (id bigint primary key, questionusageid bigint);
    create table mdl_question_attempt_steps (id bigint primary key, questionattemptid bigint);
    create table mdl_question_attempt_step_data (id bigint primary key, attemptstepid bigint);
    create table mdl_quiz_grades (id bigint primary key, quiz bigint, userid bigint);
    create table mdl_assignsubmission_onlinetext (id bigint primary key, submission bigint);
    insert into mdl_quiz_attempts (id, quiz, userid, attempt, uniqueid, layout, state) values (2, 1, 5, 1, 2, '', 'finished');
    insert into mdl_question_usages values (1), (2);
    insert into mdl_question_attempts values (11, 1), (12, 2);
    insert into mdl_question_attempt_steps values (21, 11), (22, 12);
    insert into mdl_question_attempt_step_data values (31, 21), (32, 22);
    insert into mdl_quiz_grades values (41, 1, 7), (42, 1, 5);
    insert into mdl_assignsubmission_onlinetext values (51, 4), (52, 3);
    insert into mdl_quiz_overrides (id, quiz, userid, timeclose) values (61, 1, 7, 9), (62, 1, 5, 9);
    insert into mdl_event (id, name, description, modulename, instance, userid, eventtype, timestart)
      values (71, 'x', '', 'quiz', 1, 7, 'close', 9), (72, 'x', '', 'quiz', 1, 5, 'close', 9);
    insert into mdl_course_modules_viewed (id, coursemoduleid, userid, timecreated) values (81, 1, 7, 1), (82, 1, 5, 1)`);
}
