import type { CoHolderFact, CoRoleFact, HolderFact, OwnedItemFact } from '../../contracts/facts.ts';
import type { GroupId, UserId } from '../../contracts/ids.ts';
import type { Sql } from '../host-lms.ts';
import { authorship } from './effects/prelude.ts';

interface AuthorRow {
  course: string;
  ownerGroup: GroupId;
  user: UserId;
  living: boolean;
  position: number;
}

/**
 * The courses that these users author. Of a course's authors (effects/prelude.ts) the one with the oldest assignment
 * is the main author, the others are co-authors in the order of theirs: a `position` is the id of a role assignment,
 * so it does not shift when somebody before it leaves. The owner group is the course's category. The site's
 * front page is no course.
 */
export async function readAuthors(
  sql: Sql,
  ids: readonly UserId[],
): Promise<{ owned: OwnedItemFact[]; coRoles: CoRoleFact[] }> {
  const { rows } = await sql.query<AuthorRow>(
    /* sql */ `
    with mine as (
      select distinct a.contextid from (${authorship}) a where a.userid = any ($1::bigint[]))
    select a.courseid::text as course, 'category:' || c.category as "ownerGroup", a.userid::text as "user",
           u.deleted = 0 as living, min(a.id)::float8 as position
      from mine
      join lateral (${authorship} and ra.contextid = mine.contextid) a on true
      join {course} c on c.id = a.courseid and c.category > 0
      join {user} u on u.id = a.userid
     group by a.courseid, c.category, a.userid, u.deleted
     order by a.courseid, 5`,
    [ids],
  );
  return split(rows, new Set(ids));
}

function split(rows: readonly AuthorRow[], ids: ReadonlySet<UserId>) {
  const owned: OwnedItemFact[] = [];
  const coRoles: CoRoleFact[] = [];
  for (const authors of byCourse(rows)) {
    const [main, ...rest] = authors;
    if (!main) continue;
    if (ids.has(main.user)) owned.push(ownedCourse(main, rest));
    for (const { user, course, position } of rest) {
      if (ids.has(user)) coRoles.push({ user, type: 'course', id: course, position });
    }
  }
  return { owned, coRoles };
}

function ownedCourse(main: AuthorRow, rest: readonly AuthorRow[]): OwnedItemFact {
  const holder = ({ user, living }: AuthorRow): HolderFact => ({ user, living });
  const coHolders: CoHolderFact[] = rest.map((row) => ({ ...holder(row), position: row.position }));
  return {
    type: 'course',
    id: main.course,
    main: holder(main),
    coHolders,
    ownerGroup: main.ownerGroup,
    path: null,
  };
}

function byCourse(rows: readonly AuthorRow[]): AuthorRow[][] {
  const courses = new Map<string, AuthorRow[]>();
  for (const row of rows) {
    const known = courses.get(row.course);
    if (known) known.push(row);
    else courses.set(row.course, [row]);
  }
  return [...courses.values()];
}
