import type { Dependencies } from './dependencies.ts';
import { requireRegistrations } from './require-registrations.ts';
import { namesActivities } from '../contracts/imports.ts';
import type { ParsedImport, SheetProblem } from '../contracts/imports.ts';
import type { Sql } from '../contracts/sql.ts';
import { ImportRefused, refuseFile } from '../imports/import-refused.ts';

/**
 * Whether a template still means something here and now.
 *
 * @throws ImportRefused for the template of another instance, and where a group or an activity is gone; Refusal InvalidInput on a
 *   host whose registrations are not known
 */
export async function requireTemplateFits(
  sql: Sql,
  host: Dependencies['host'],
  { marker, sheet, headerRow: row, columns }: ParsedImport,
  instance: string,
): Promise<void> {
  if (marker.instance !== instance) {
    throw refuseFile('the template was made by another instance: make a new one here');
  }
  if (marker.group !== undefined && !(await host.findGroup(sql, marker.group))) {
    throw refuseFile(`the group ${marker.group} of the template is gone: make a new one`);
  }
  if (!namesActivities(marker.action)) return;
  requireRegistrations(host);
  if (columns.length === 0) throw refuseFile('no activity column of the template is left: make a new one');
  const ids = columns.map(({ activity }) => activity);
  const known = new Set((await host.catalogue.named(sql, ids)).map(({ id }) => id));
  const gone = columns.filter(({ activity }) => !known.has(activity));
  if (gone.length === 0) return;
  const first = gone.map(({ column, activity }): SheetProblem => ({
    ...{ sheet, row, column },
    message: `the activity ${activity} is gone: delete the column, or make a new template`,
  }));
  throw new ImportRefused({ count: first.length, first });
}
