import { straight } from './table-load.ts';
import type { TableLoad } from './table-load.ts';

/** A registration's activity is a course if there is such a course, and else a path. */
const courseOrPath = `c.id, case when c.id is null then activity end`;

/** Registrations, history and qualifications. */
export const records: readonly TableLoad[] = [
  straight(
    (world) => world.registrations,
    `insert into lms.registration (user_id, course_id, path_id, method, status, access, listed_as, progress, completed_at)
     select "user", ${courseOrPath}, method, status, access, "listedAs", progress, "completedAt"
     from json_to_recordset($1) as r("user" text, activity text, method text, status text, access boolean,
       "listedAs" text, progress double precision, "completedAt" timestamptz)
     left join lms.course c on c.id = r.activity`,
  ),
  straight(
    (world) => world.history,
    `insert into lms.history (user_id, course_id, path_id, kind, at, result)
     select "user", ${courseOrPath}, kind, at, result
     from json_to_recordset($1) as r("user" text, activity text, kind text, at timestamptz, result jsonb)
     left join lms.course c on c.id = r.activity`,
  ),
  straight(
    (world) => world.qualifications,
    `insert into lms.qualification (id, name, rule)
     select id, name, rule from json_to_recordset($1) as r(id text, name text, rule jsonb)`,
  ),
  {
    *rows({ qualifications }) {
      for (const { id, activities } of qualifications)
        for (const activity of activities) yield { of: id, activity };
    },
    insert: `insert into lms.qualification_activity (qualification_id, course_id, path_id)
     select of, ${courseOrPath} from json_to_recordset($1) as r(of text, activity text)
     left join lms.course c on c.id = r.activity`,
  },
];
