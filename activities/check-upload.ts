import { randomUUID } from 'node:crypto';
import { admissions } from './admissions.ts';
import type { Dependencies } from './dependencies.ts';
import { findPeople } from './find-people.ts';
import { importOperations } from './import-operations.ts';
import { ImportTally } from './import-tally.ts';
import type { CheckedPart } from './import-tally.ts';
import { judgePeople, judgeRegistrations } from './import-verdicts.ts';
import type { OperationContext } from './planner.ts';
import { requireTemplateFits } from './require-template-fits.ts';
import type { JsonObject } from '../contracts/changes.ts';
import { namesActivities } from '../contracts/imports.ts';
import type { ImportReport, ParsedImport, TemplateMarker } from '../contracts/imports.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';
import { parseImport } from '../imports/parse-import.ts';
import type { ParseSettings } from '../imports/parse-import.ts';
import { instanceId, storeImport } from '../ledger/imports.ts';
import { storeList } from '../ledger/lists.ts';
import type { OperationRow } from '../ledger/operations.ts';

/** What a check needs. */
export interface CheckDependencies extends Pick<Dependencies, 'database' | 'host'> {
  parse: ParseSettings;
  /** How many users are looked at together. */
  chunkUsers: number;
}

/** A file that somebody brings. */
export interface Upload {
  bytes: Buffer;
  /** Its name, for people. */
  file: string;
  /** Whose rights are looked at; null: nobody's, as if the platform owner asked. */
  checkedBy: UserId | null;
}

/**
 * The final check of an upload (I-05, I-06): who will be dealt with, who cannot be and why, and which lines cannot be imported, by
 * the rules that its operation will judge by, from one snapshot. Nothing changes but that it is written down, so that
 * `runImport` can run just that.
 *
 * @throws ImportRefused when nothing of the file can be imported; Refusal NotAuthorized
 */
export async function checkUpload(deps: CheckDependencies, upload: Upload): Promise<ImportReport> {
  const parsed = await parseImport(upload.bytes, deps.parse);
  return deps.database.snapshot((sql) => check(sql, deps, upload, parsed));
}

async function check(
  sql: Sql,
  { host, chunkUsers }: CheckDependencies,
  { file, checkedBy }: Upload,
  parsed: ParsedImport,
): Promise<ImportReport> {
  const { marker, sheet } = parsed;
  const [id, instance] = [randomUUID(), await instanceId(sql)];
  await requireTemplateFits(sql, host, parsed, instance);
  const requestedBy = checkedBy ?? (await host.platform(sql)).owner;
  const context = { sql, host, operation: asOperation(marker, id, host.name, requestedBy) };
  await admissions[context.operation.kind]?.(context);
  const tally = new ImportTally(parsed);
  await storeList(sql, id, file, tally.entriesOf(partsOf(context, parsed, chunkUsers)));
  const report: ImportReport = {
    ...{ import: id, file, sheet, action: marker.action, group: marker.group ?? null },
    includePrivateSubgroups: marker.includePrivateSubgroups,
    activities: parsed.columns.map(({ activity }) => activity),
    ...tally.result,
  };
  const input = inputOf(marker);
  await storeImport(sql, { id, instance, action: marker.action, input, report, checkedBy });
  return report;
}

/** The lines in parts that are looked at together. */
async function* partsOf(
  context: OperationContext,
  parsed: ParsedImport,
  chunkUsers: number,
): AsyncGenerator<CheckedPart, void, undefined> {
  const seen = new Map<UserId, number>();
  // Of registrations as many as there are users in a chunk, times ten: they are smaller than what is known about users.
  const together = Math.ceil(chunkUsers / Math.ceil((parsed.columns.length + 1) / 10));
  for (let from = 0; from < parsed.rows.length; from += together) {
    const rows = parsed.rows.slice(from, from + together);
    const { people, problems } = await findPeople(context.sql, context.host, parsed, rows, seen);
    const verdicts = namesActivities(parsed.marker.action)
      ? await judgeRegistrations(context, parsed, people)
      : await judgePeople(context, people);
    yield { ...verdicts, problems };
  }
}

/** The operation as it will be when the import is started, for the rules to judge by. */
function asOperation(marker: TemplateMarker, id: string, host: string, requestedBy: UserId): OperationRow {
  return {
    ...{ id, workflowId: id, kind: importOperations[marker.action], host, requestedBy },
    ...{
      input: { ...inputOf(marker), requestedBy, list: id },
      reason: null,
      trigger: 'import',
      mode: 'preview',
    },
    ...{ undoes: null, import: id, state: 'planning', planHash: null, result: null, failure: null },
    ...{ openedAt: '', approvedBy: null, closedAt: null },
  };
}

/** What the action's operation is given beside its lines. */
function inputOf({ action, group, includePrivateSubgroups }: TemplateMarker): JsonObject {
  if (namesActivities(action)) return {};
  return { includePrivateSubgroups, ...(group === undefined ? {} : { group }) };
}
