import type { HostLms, Sql, TableUse } from '../host-lms.ts';
import { effectTexts, tableUses } from '../table-uses.ts';
import { neededColumns } from './needed-columns.ts';
import { lockedTables } from './read-qualifications.ts';

/** The tables that the adapter needs, and of modules that a site may lack those that its effects name here. */
export async function moodleTables(
  sql: Sql,
  prefix: string,
  effects: HostLms['effects'],
): Promise<TableUse[]> {
  const texts = await effectTexts(sql, effects);
  const named = texts.flatMap((text) => text.match(new RegExp(`\\b${prefix}\\w+`, 'g')) ?? []);
  const withPrefix = (table: string): string => prefix + table;
  return tableUses(
    texts,
    [...Object.keys(neededColumns).map(withPrefix), ...named],
    lockedTables.map(withPrefix),
  );
}
