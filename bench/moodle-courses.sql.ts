/**
 * What the generated users of a Moodle site learn in, each course like those of the small site: three ways to enrol, three
 * groups, grades, an activity with completion, a choice that is still open. Courses and all that belongs to them have
 * ids from 1000 on; in the first `synced` ones a cohort is enrolled. `:courses` is their number.
 */
export const synced = 40;

/** When everything was made, in Moodle's seconds. */
export const then = 1_795_313_593;

const courses = 'generate_series(1, :courses) c';

export const moodleCourses: readonly string[] = [
  `insert into mdl_course (id, category, fullname, shortname, summary, enablecompletion, timecreated, timemodified)
   select 1000 + c, 2, 'Course ' || c, 'M' || c, 'Made for a benchmark', 1, ${then}, ${then} from ${courses}`,
  `insert into mdl_context (id, contextlevel, instanceid, path, depth)
   select 50000 + c, 50, 1000 + c, '/1/11/' || 50000 + c, 3 from ${courses}`,
  `insert into mdl_course_modules (id, course, module, instance, added, completion, completiongradeitemnumber)
   select 1000 + c, 1000 + c, (select id from mdl_modules where name = 'assign'), 1000 + c, ${then}, 2, 0 from ${courses}`,
  `insert into mdl_context (id, contextlevel, instanceid, path, depth)
   select 60000 + c, 70, 1000 + c, '/1/11/' || 50000 + c || '/' || 60000 + c, 4 from ${courses}`,
  `insert into mdl_groups (id, courseid, name, description, timecreated, timemodified)
   select 1000 + c * 3 + g, 1000 + c, 'Group ' || g, 'Made for a benchmark', ${then}, ${then}
     from ${courses}, generate_series(0, 2) g`,
  `insert into mdl_grade_items (id, courseid, itemtype, itemmodule, iteminstance, itemnumber, itemname, timecreated, timemodified)
   select 1000 + c * 3 + i, 1000 + c, case i when 0 then 'course' else 'mod' end,
          case i when 1 then 'assign' when 2 then 'forum' end, 1000 + c, 0, 'Item ' || i, ${then}, ${then}
     from ${courses}, generate_series(0, 2) i`,
  `insert into mdl_forum (id, course, type, name, intro) select 1000 + c, 1000 + c, 'general', 'Forum ' || c, '' from ${courses}`,
  `insert into mdl_choice (id, course, name, intro, allowupdate, limitanswers) select 1000 + c, 1000 + c, 'Slots ' || c, '', 1, 1 from ${courses}`,
  `insert into mdl_choice_options (id, choiceid, text, maxanswers) select 1000 + c, 1000 + c, 'Mon 9:00', 9999 from ${courses}`,
  `insert into mdl_cohort (id, contextid, name, idnumber, description, descriptionformat, component, timecreated, timemodified)
   select 1000 + k, 1, 'Cohort ' || k, 'MK' || k, '', 1, '', ${then}, ${then} from generate_series(1, ${synced} + 10) k`,
  `insert into mdl_enrol (id, enrol, courseid, sortorder, roleid, timecreated, timemodified)
   select 10000 + c, 'manual', 1000 + c, 0, 5, ${then}, ${then} from ${courses}
   union all select 20000 + c, 'self', 1000 + c, 1, 5, ${then}, ${then} from ${courses}`,
  `insert into mdl_enrol (id, enrol, courseid, sortorder, roleid, customint1, customint2, timecreated, timemodified)
   select 30000 + c, 'cohort', 1000 + c, 2, 5, 1000 + c, 1000 + c * 3, ${then}, ${then} from generate_series(1, ${synced}) c`,
];
