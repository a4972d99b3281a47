import type { ActivityTitle } from '../../contracts/facts.ts';
import type { HostCatalogue, Sql } from '../host-lms.ts';
import { amongIds } from './among-ids.ts';

const activities = /* sql */ `(
  select id, 'course' as type, title from lms.course union all select id, 'path', title from lms.path) a`;

export const referenceCatalogue: HostCatalogue = { search, named };

async function search(sql: Sql, text: string, limit: number): Promise<ActivityTitle[]> {
  const { rows } = await sql.query<ActivityTitle>(
    `select id, type, title from ${activities}
      where strpos(lower(id), lower($1)) > 0 or strpos(lower(title), lower($1)) > 0
      order by id <> $1, lower(title), id limit $2`,
    [text.trim(), limit],
  );
  return rows;
}

async function named(sql: Sql, ids: readonly string[]): Promise<ActivityTitle[]> {
  const { rows } = await sql.query<ActivityTitle>(
    `select id, type, title from ${activities} where id ${amongIds} order by id`,
    [ids],
  );
  return rows;
}
