import type { ContentFacts, HoldingFact, LinkFact, RegistrationFact } from '../../contracts/facts.ts';
import type { UserId } from '../../contracts/ids.ts';
import type { ContentScope, EndingFact, Sql } from '../host-lms.ts';
import { keyOf } from './groups.ts';
import { numericIds } from './read-users.ts';
import { templateKeys } from './templates.ts';

/**
 * What cohorts hold: a course by an instance of enrol_cohort that is open, a learning path by the link of its template. What
 * Moodle has none of is empty: a template gives nobody access to the courses of its competencies, and no course hangs below
 * another one (enrol_meta copies enrolments, which follow those of the parent: effects/meta-copies.ts).
 */
export async function readContentFacts(
  sql: Sql,
  users: readonly UserId[],
  { groups, changing, paths, activities }: ContentScope,
): Promise<ContentFacts> {
  const cohorts = groups.flatMap((group) => keyOf('cohort', group) ?? []);
  const groupCourses = await readGroupCourses(sql, cohorts);
  const groupPaths = await readGroupPaths(sql, cohorts);
  const left = new Set(changing);
  const held = [...groupCourses, ...groupPaths].filter(({ holder }) => left.has(holder));
  const roots = unique([...held.map(({ activity }) => activity), ...paths, ...activities]);
  const courses = numericIds(roots);
  return {
    groupCourses,
    groupPaths,
    pathCourses: [],
    courseTree: [],
    enrolments: courses.map((activity) => ({ activity, method: 'admin' })),
    registrations: [
      ...(await readEnrolments(sql, numericIds(users), courses)),
      ...(await readPlans(sql, numericIds(users), templateKeys(roots))),
    ],
  };
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

async function readGroupCourses(sql: Sql, cohorts: readonly string[]): Promise<HoldingFact[]> {
  const { rows } = await sql.query<HoldingFact>(
    /* sql */ `
    select distinct 'cohort:' || e.customint1 as holder, e.courseid::text as activity
      from {enrol} e where e.enrol = 'cohort' and e.status = 0 and e.customint1 = any ($1::bigint[]) order by 1, 2`,
    [cohorts],
  );
  return rows;
}

async function readGroupPaths(sql: Sql, cohorts: readonly string[]): Promise<HoldingFact[]> {
  const { rows } = await sql.query<HoldingFact>(
    /* sql */ `
    select 'cohort:' || t.cohortid as holder, 'template:' || t.templateid as activity
      from {competency_templatecohort} t where t.cohortid = any ($1::bigint[]) order by 1, 2`,
    [cohorts],
  );
  return rows;
}

const now = 'floor(extract(epoch from now()))';

/** Whether an enrolment `ue` by the instance `e` lets its user into the course now. */
export const opens = `(ue.status = 0 and e.status = 0 and ue.timestart <= ${now} and (ue.timeend = 0 or ue.timeend > ${now}))`;

/**
 * `place`: of every enrolment of the users `$1` in the courses `$2` what it is as a registration. Cohort and manual enrolments
 * were decided by an administrator, copies by enrol_meta by nobody; of several in one course the first that lets in counts.
 */
const places = /* sql */ `
  select ue.userid, e.courseid, e.id as enrolid, e.enrol, ${opens} as opens,
         case e.enrol when 'self' then 'self' when 'meta' then 'auto' else 'admin' end as method,
         case e.enrol when 'cohort' then 1 when 'manual' then 2 when 'self' then 3 when 'meta' then 5 else 4 end as rank,
         case when k.timecompleted > 0 then 'completed' when k.timestarted > 0 then 'in_progress' else 'enrolled' end as status
    from {user_enrolments} ue
    join {enrol} e on e.id = ue.enrolid
    left join {course_completions} k on k.userid = ue.userid and k.course = e.courseid
   where ue.userid = any ($1::bigint[]) and e.courseid = any ($2::bigint[])`;

const registration = /* sql */ `
  p.userid::text as "user", p.courseid::text as activity, (array_agg(p.method order by p.opens desc, p.rank))[1] as method,
  p.status, bool_or(p.opens) as access, case p.status when 'completed' then 'completed' else 'current' end as "listedAs"`;

/** All enrolments of a user in a course are one registration. */
async function readEnrolments(
  sql: Sql,
  users: readonly string[],
  courses: readonly string[],
): Promise<RegistrationFact[]> {
  const { rows } = await sql.query<RegistrationFact>(
    /* sql */ `
    select ${registration}, bool_or(p.opens and p.enrol <> 'cohort') as "ownLink"
      from (${places}) p group by p.userid, p.courseid, p.status order by p.userid, p.courseid`,
    [users, courses],
  );
  return rows;
}

/**
 * Plans by a template. Moodle's own synchronisation makes them for the members of a cohort and never takes them away: method
 * auto (C-03). A draft (0) is not shown to its user; 2 = completed.
 */
export async function readPlans(
  sql: Sql,
  users: readonly string[],
  templates: readonly string[],
): Promise<RegistrationFact[]> {
  const { rows } = await sql.query<RegistrationFact>(
    /* sql */ `
    select p.userid::text as "user", 'template:' || p.templateid as activity, 'auto' as method,
           case when bool_or(p.status = 2) then 'completed' else 'in_progress' end as status, bool_or(p.status <> 0) as access,
           case when bool_or(p.status = 2) then 'completed' else 'current' end as "listedAs"
      from {competency_plan} p
     where p.userid = any ($1::bigint[]) and p.templateid = any ($2::bigint[])
     group by p.userid, p.templateid order by p.userid, p.templateid`,
    [users, templates],
  );
  return rows;
}

/** The registrations of which an enrolment hangs on one of these links, open or closed, and whether another one lets in. */
export async function readEndings(
  sql: Sql,
  users: readonly UserId[],
  links: readonly LinkFact[],
): Promise<EndingFact[]> {
  const lost = links.filter(({ type }) => type === 'groupCourse');
  const { rows } = await sql.query<EndingFact>(
    /* sql */ `
    select ${registration}, bool_or(p.opens and not p.lost) as keeps, array_agg(distinct p.holder) filter (where p.lost) as holders
      from (select p.*, l.holder, l.holder is not null as lost
              from (${places}) p
              join {enrol} e on e.id = p.enrolid
              left join (select holder, activity::bigint as courseid
                           from unnest($3::text[], $4::text[]) as given (holder, activity)) l
                on e.enrol = 'cohort' and l.courseid = e.courseid and l.holder = 'cohort:' || e.customint1) p
     group by p.userid, p.courseid, p.status having bool_or(p.lost) order by p.userid, p.courseid`,
    [
      numericIds(users),
      unique(lost.map(({ activity }) => activity)),
      lost.map(({ holder }) => holder),
      lost.map(({ activity }) => activity),
    ],
  );
  return rows;
}
