import type { Dependencies } from './dependencies.ts';
import type { Person } from './import-verdicts.ts';
import type { ImportRow, ParsedImport, SheetProblem } from '../contracts/imports.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';

/** Whom lines name, and the problems of those that name nobody, or somebody whom an earlier line has named. */
export interface FoundPeople {
  people: Person[];
  problems: SheetProblem[];
}

/** @param seen by user, the lines of those found so far; these are added */
export async function findPeople(
  sql: Sql,
  host: Dependencies['host'],
  { sheet, emailColumn: column }: ParsedImport,
  rows: readonly ImportRow[],
  seen: Map<UserId, number>,
): Promise<FoundPeople> {
  const users = await host.findUsers(
    sql,
    rows.map(({ email }) => ({ email })),
  );
  const found: FoundPeople = { people: [], problems: [] };
  rows.forEach((row, i) => {
    const user = users[i];
    const earlier = user && seen.get(user.id);
    if (!user || earlier !== undefined) {
      const message = user
        ? `is the same user as in line ${earlier ?? ''}`
        : 'there is no user with this email';
      found.problems.push({ sheet, row: row.row, column, message });
      return;
    }
    seen.set(user.id, row.row);
    found.people.push({ row, user: user.id, living: user.living });
  });
  return found;
}
