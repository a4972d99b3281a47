import { synced, then } from './moodle-courses.sql.ts';

/**
 * Users of a Moodle site, each with what the learners of the small site have: five enrolments by hand, by themselves and by a
 * cohort, with role, groups, grades and their history, completions and last accesses; two cohorts; log-ins, settings,
 * profile, competencies; every sixth has tags, files, blocks and keys too, every fortieth teaches. `:users` is their number.
 */
const users = 'generate_series(1, :users) u';
const times = `${then}, ${then}`;

/** `learning`: who is in which course by which method, in the temporary table that the other statements read. */
const enrolments: readonly string[] = [
  `create temp table learning as
   select 1000 + u as userid, k, 1000 + case k when 5 then u % ${synced} + 1 else ${synced} + 1 + (u * 7 + k * 37) % (:courses - ${synced}) end as courseid,
          case k when 5 then 30000 when 4 then 20000 else 10000 end as instances
     from ${users}, generate_series(1, 5) k`,
  `insert into mdl_user_enrolments (status, enrolid, userid, timestart, timeend, modifierid, timecreated, timemodified)
   select 0, instances + courseid - 1000, userid, 0, 0, 2, ${times} from learning`,
  `insert into mdl_role_assignments (roleid, contextid, userid, timemodified, modifierid, component, itemid)
   select 5, 49000 + courseid, userid, ${then}, 2, case k when 5 then 'enrol_cohort' else '' end,
          case k when 5 then instances + courseid - 1000 else 0 end from learning`,
  `insert into mdl_role_assignments (roleid, contextid, userid, timemodified, modifierid)
   select 3, 50000 + u / 40, 1000 + u, ${then}, 2 from ${users} where u % 40 = 0 and u / 40 <= :courses`,
  `insert into mdl_role_assignments (roleid, contextid, userid, timemodified, modifierid)
   select 3, 50000 + c, 9, ${then}, 2 from generate_series(1, :courses) c`,
  `insert into mdl_groups_members (groupid, userid, timeadded, component, itemid)
   select 1000 + (courseid - 1000) * 3 + case k when 5 then 0 else userid % 2 + 1 end, userid, ${then},
          case k when 5 then 'enrol_cohort' else '' end, case k when 5 then instances + courseid - 1000 else 0 end
     from learning where k in (1, 2, 5)`,
  `insert into mdl_grade_grades (itemid, userid, rawgrade, finalgrade, timemodified)
   select 1000 + (courseid - 1000) * 3 + i, userid, case i when 1 then 75 end, 75, ${then} from learning, generate_series(0, 2) i`,
  `insert into mdl_grade_grades_history (action, oldid, timemodified, itemid, userid, finalgrade)
   select 1, id, timemodified, itemid, userid, finalgrade from mdl_grade_grades where userid > 1000`,
  `insert into mdl_course_completions (userid, course, timeenrolled, timestarted, timecompleted)
   select userid, courseid, ${times}, case when k < 3 then ${then} end from learning`,
  `insert into mdl_course_modules_completion (coursemoduleid, userid, completionstate, timemodified)
   select courseid, userid, 1, ${then} from learning where k < 3`,
  `insert into mdl_user_lastaccess (userid, courseid, timeaccess) select userid, courseid, ${then} from learning where k < 4`,
  `insert into mdl_forum_subscriptions (userid, forum) select userid, courseid from learning where k = 1 and userid % 3 = 0`,
  `insert into mdl_choice_answers (choiceid, userid, optionid, timemodified)
   select courseid, userid, courseid, ${then} from learning where k = 2 and userid % 3 = 0`,
  `insert into mdl_competency_usercompcourse (userid, courseid, competencyid, timecreated, usermodified)
   select userid, courseid, 1, ${then}, 2 from learning where k = 1 and userid % 3 = 0`,
];

const accounts: readonly string[] = [
  `insert into mdl_user (id, mnethostid, confirmed, username, email, idnumber, firstname, lastname, password, timecreated, timemodified)
   select 1000 + u, 1, 1, 'made' || u, 'made' || u || '@example.com', 'HR' || u, 'Made', 'User ' || u, 'x', ${times} from ${users}`,
  `insert into mdl_context (id, contextlevel, instanceid, path, depth) select 100000 + u, 30, 1000 + u, '/1/' || 100000 + u, 2 from ${users}`,
  `insert into mdl_cohort_members (cohortid, userid, timeadded)
   select 1001 + u % ${synced}, 1000 + u, ${then} from ${users}
   union all select 1001 + ${synced} + u % 10, 1000 + u, ${then} from ${users}`,
];

const belongings: readonly string[] = [
  `insert into mdl_sessions (sid, userid, timecreated, timemodified) select md5('sid' || u), 1000 + u, ${times} from ${users} where u % 3 > 0`,
  `insert into mdl_user_preferences (userid, name, value)
   select 1000 + u, name, '5' from ${users}, unnest(array['htmleditor', 'calendar_maxevents']) name`,
  `insert into mdl_user_info_data (userid, fieldid, data) select 1000 + u, f, 'x' from ${users}, generate_series(1, 2) f`,
  `insert into mdl_user_password_history (userid, hash, timecreated) select 1000 + u, md5('pw' || u), ${then} from ${users}`,
  `insert into mdl_favourite (component, itemtype, itemid, contextid, userid, timecreated, timemodified)
   select 'core_message', 'message_conversations', u, 100000 + u, 1000 + u, ${times} from ${users}`,
  `insert into mdl_notifications (useridfrom, useridto, subject, timecreated) select 2, 1000 + u, 'x', ${then} from ${users}, generate_series(1, 2)`,
  `insert into mdl_competency_usercomp (userid, competencyid, timecreated, usermodified)
   select 1000 + u, 1, ${then}, 2 from ${users} where u % 3 = 0`,
  `insert into mdl_competency_plan (name, userid, templateid, status, timecreated, usermodified)
   select 'Learning path 1', 1000 + u, 1, 1, ${then}, 2 from ${users} where u % 3 = 0`,
  `insert into mdl_logstore_standard_log (eventname, component, action, target, edulevel, contextid, contextlevel,
          contextinstanceid, userid, courseid, relateduserid, timecreated)
   select '\\core\\event\\user_enrolment_created', 'core', 'created', 'user_enrolment', 0, 49000 + courseid, 50, courseid, 2,
          courseid, userid, ${then} from learning, generate_series(1, 4)`,
];

const fullest: readonly string[] = [
  `insert into mdl_tag (id, userid, tagcollid, name, rawname) select 1000 + t, 2, 1, 'hobby' || t, 'Hobby' || t from generate_series(1, 50) t`,
  `insert into mdl_tag_instance (tagid, component, itemtype, itemid, contextid, timecreated, timemodified)
   select 1001 + u % 50, 'core', 'user', 1000 + u, 100000 + u, ${times} from ${users} where u % 6 = 0`,
  `insert into mdl_files (contenthash, pathnamehash, contextid, component, filearea, itemid, filepath, filename, userid, filesize, timecreated, timemodified)
   select md5('f' || u), md5('p' || u), 100000 + u, 'user', 'private', 0, '/', 'notes.txt', 1000 + u, 10, ${times} from ${users} where u % 6 = 0`,
  `insert into mdl_block_instances (id, blockname, parentcontextid, showinsubcontexts, pagetypepattern, defaultweight, timecreated, timemodified)
   select 1000 + u, 'timeline', 100000 + u, 0, 'my-index', 0, ${times} from ${users} where u % 6 = 0`,
  `insert into mdl_context (contextlevel, instanceid, path, depth)
   select 80, 1000 + u, '/1/' || 100000 + u, 3 from ${users} where u % 6 = 0`,
  `insert into mdl_user_private_key (script, value, userid, timecreated) select 'core_files', md5('k' || u), 1000 + u, ${then} from ${users} where u % 6 = 0`,
  `insert into mdl_external_tokens (token, tokentype, userid, externalserviceid, contextid, creatorid, timecreated)
   select md5('t' || u), 0, 1000 + u, 1, 1, 2, ${then} from ${users} where u % 6 = 0`,
];

export const moodleUsers: readonly string[] = [...accounts, ...enrolments, ...belongings, ...fullest];
