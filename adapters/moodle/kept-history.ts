import type { Sql } from '../host-lms.ts';

/** Tables and how each is joined to those before it; the first to `g(userid, courseid)`. The rows meant are those of the last. */
type Path = readonly (readonly [table: string, on: string])[];

/** Rows of a module's own table about a user. */
function inModule(module: string, table: string, column: string = module, user = 'userid'): Path {
  return [
    [module, `${module}.course = g.courseid`],
    [table, `${table}.${column} = ${module}.id and ${table}.${user} = g.userid`],
  ];
}

const inCourse = (table: string, column: string): Path => [
  [table, `${table}.userid = g.userid and ${table}.${column} = g.courseid`],
];

const ofModules = (table: string): Path => [
  ['course_modules', 'course_modules.course = g.courseid'],
  [table, `${table}.coursemoduleid = course_modules.id and ${table}.userid = g.userid`],
];

const grades: Path = [
  ['grade_items', 'grade_items.courseid = g.courseid'],
  ['grade_grades', 'grade_grades.itemid = grade_items.id and grade_grades.userid = g.userid'],
];
const attempts = inModule('quiz', 'quiz_attempts');
const submissions = inModule('assign', 'assign_submission', 'assignment');
const assignGrades = inModule('assign', 'assign_grades', 'assignment');
const sessions = inModule('scorm', 'scorm_attempt', 'scormid');
const answers = inModule('feedback', 'feedback_completed');
const activities = inModule('h5pactivity', 'h5pactivity_attempts', 'h5pactivityid');

/**
 * What is kept about a registration and goes with it (R-03): progress, attempts, submissions, results, and exceptions made for
 * the user. Works that others build on (posts, wiki pages, entries, workshop submissions), badges, and Moodle's journals stay.
 */
const history: readonly Path[] = [
  inCourse('course_completions', 'course'),
  inCourse('course_completion_crit_compl', 'course'),
  ofModules('course_modules_completion'),
  ofModules('course_modules_viewed'),
  grades,
  inCourse('competency_usercompcourse', 'courseid'),
  attempts,
  inModule('quiz', 'quiz_grades'),
  inModule('quiz', 'quiz_overrides'),
  submissions,
  assignGrades,
  inModule('assign', 'assign_overrides', 'assignid'),
  inModule('choice', 'choice_answers', 'choiceid'),
  ...['lesson_attempts', 'lesson_branch', 'lesson_grades', 'lesson_timer', 'lesson_overrides'].map((table) =>
    inModule('lesson', table, 'lessonid'),
  ),
  sessions,
  answers,
  activities,
  inModule('survey', 'survey_answers'),
  inModule('survey', 'survey_analysis'),
  inModule('lti', 'lti_submission', 'ltiid'),
];

const usages: Path = [...attempts, ['question_usages', 'question_usages.id = quiz_attempts.uniqueid']];
const questions: Path = [
  ...attempts,
  ['question_attempts', 'question_attempts.questionusageid = quiz_attempts.uniqueid'],
];
const questionSteps: Path = [
  ...questions,
  ['question_attempt_steps', 'question_attempt_steps.questionattemptid = question_attempts.id'],
];

/** The calendar entries of an exception that was made for the user. */
const datesIn = (module: string): Path => [
  [module, `${module}.course = g.courseid`],
  [
    'event',
    `event.modulename = '${module}' and event.instance = ${module}.id and event.courseid = 0 and event.userid = g.userid`,
  ],
];

/** What belongs to those rows: counted with none. */
const parts: readonly Path[] = [
  usages,
  questions,
  questionSteps,
  [
    ...questionSteps,
    ['question_attempt_step_data', 'question_attempt_step_data.attemptstepid = question_attempt_steps.id'],
  ],
  [
    ...questionSteps,
    [
      'files',
      `files.component = 'question' and files.itemid = question_attempt_steps.id and files.filearea like 'response\\_%'`,
    ],
  ],
  ...['assignsubmission_onlinetext', 'assignsubmission_file'].map((table): Path => [
    ...submissions,
    [table, `${table}.submission = assign_submission.id`],
  ]),
  [
    ...submissions,
    [
      'files',
      `files.component in ('assignsubmission_file', 'assignsubmission_onlinetext') and files.itemid = assign_submission.id`,
    ],
  ],
  [
    ...submissions,
    [
      'comments',
      `comments.component = 'assignsubmission_comments' and comments.itemid = assign_submission.id`,
    ],
  ],
  inModule('assign', 'assign_user_flags', 'assignment'),
  inModule('assign', 'assign_user_mapping', 'assignment'),
  ...['assignfeedback_comments', 'assignfeedback_file'].map((table): Path => [
    ...assignGrades,
    [table, `${table}.grade = assign_grades.id`],
  ]),
  ...['assignfeedback_editpdf_annot', 'assignfeedback_editpdf_cmnt'].map((table): Path => [
    ...assignGrades,
    [table, `${table}.gradeid = assign_grades.id`],
  ]),
  [
    ...assignGrades,
    [
      'files',
      `files.component in ('assignfeedback_file', 'assignfeedback_editpdf') and files.itemid = assign_grades.id`,
    ],
  ],
  [...sessions, ['scorm_scoes_value', 'scorm_scoes_value.attemptid = scorm_attempt.id']],
  [...answers, ['feedback_value', 'feedback_value.completed = feedback_completed.id']],
  [
    ...activities,
    ['h5pactivity_attempts_results', 'h5pactivity_attempts_results.attemptid = h5pactivity_attempts.id'],
  ],
  ...['quiz', 'assign', 'lesson'].map(datesIn),
];

/** Those tables of a path's that the rows are in. */
const tableOf = (path: Path): string => path.at(-1)?.[0] ?? '';

const joined = (path: Path): string =>
  path.map(([table, on]) => `join {${table}} ${table} on ${on}`).join(' ');

async function withTables(sql: Sql, paths: readonly Path[]): Promise<Path[]> {
  const there = await tablesThere(sql, [...new Set(paths.flatMap((path) => path.map(([table]) => table)))]);
  return paths.filter((path) => path.every(([table]) => there.has(table)));
}

/** A site without a module lacks the module's tables. */
export async function tablesThere(sql: Sql, names: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ table: string }>(
    `select t.name as "table" from (values ${names.map((name) => `('${name}', '{${name}}')`).join(', ')}) as t (name, real)
      where to_regclass(t.real) is not null`,
  );
  return new Set(rows.map(({ table }) => table));
}

/**
 * A select of `(key, kind, n)`: how many rows of each kind there are about `keys(key, userid, courseid)`; a kind has its table's
 * name. Those without any are left out.
 */
export async function countHistory(sql: Sql, keys: string): Promise<string> {
  const paths = await withTables(sql, history);
  return paths
    .map(
      (path) =>
        `select g.key, '${tableOf(path)}' as kind, count(*) as n from ${keys} g ${joined(path)} group by g.key`,
    )
    .join(' union all ');
}

/** CTEs that delete all of it but the grades, which go with the enrolments; the rows are gone for good. */
export async function deleteHistory(sql: Sql, keys: string): Promise<string> {
  const paths = await withTables(sql, [...history.filter((path) => path !== grades), ...parts]);
  return paths
    .map((path, i) => {
      const table = tableOf(path);
      return /* sql */ `
      gone_history_${i} as (
        delete from {${table}} x using (select ${table}.id from ${keys} g ${joined(path)}) r where x.id = r.id)`;
    })
    .join(',');
}
