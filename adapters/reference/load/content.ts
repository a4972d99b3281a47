import { listed, straight } from './table-load.ts';
import type { TableLoad } from './table-load.ts';

/** Courses, paths, their authors, what groups hold, activities and items. */
export const content: readonly TableLoad[] = [
  straight(
    (world) => world.courses,
    `insert into lms.course (id, title, owner_group_id, main_author_id, parent_course_id, translation_of_id, enrolment)
     select id, title, "ownerGroup", "mainAuthor", "parentCourse", "translationOf", enrolment
     from json_to_recordset($1) as r(id text, title text, "ownerGroup" text, "mainAuthor" text, "parentCourse" text,
       "translationOf" text, enrolment text)`,
  ),
  listed(
    (world) => world.courses,
    (course) => course.coAuthors,
    `course_co_author (course_id, user_id, position) select of, id, position`,
  ),
  straight(
    (world) => world.paths,
    `insert into lms.path (id, title, owner_group_id, main_author_id, enrolment)
     select id, title, "ownerGroup", "mainAuthor", enrolment
     from json_to_recordset($1) as r(id text, title text, "ownerGroup" text, "mainAuthor" text, enrolment text)`,
  ),
  listed(
    (world) => world.paths,
    (path) => path.coAuthors,
    `path_co_author (path_id, user_id, position) select of, id, position`,
  ),
  listed(
    (world) => world.paths,
    (path) => path.courses,
    `path_course (path_id, course_id, position) select of, id, position`,
  ),
  straight(
    (world) => world.groupCourses,
    `insert into lms.group_course (group_id, course_id)
     select "group", course from json_to_recordset($1) as r("group" text, course text)`,
  ),
  straight(
    (world) => world.groupPaths,
    `insert into lms.group_path (group_id, path_id)
     select "group", path from json_to_recordset($1) as r("group" text, path text)`,
  ),
  straight(
    (world) => world.activities,
    `insert into lms.activity (id, course_id, kind, title, owner_id)
     select id, course, kind, title, owner
     from json_to_recordset($1) as r(id text, course text, kind text, title text, owner text)`,
  ),
  straight(
    (world) => world.items,
    `insert into lms.item (id, kind, author_id, title)
     select id, kind, author, title from json_to_recordset($1) as r(id text, kind text, author text, title text)`,
  ),
];
