import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { requireMayReport } from '../activities/may-report.ts';
import { columnsOf, reportFile } from '../activities/read-report.ts';
import type { Selection } from '../activities/read-report.ts';
import type { ReportFormat } from '../contracts/reports.ts';
import { saveReport } from '../ledger/saved-reports.ts';
import { writeWhole } from '../reports/write-whole.ts';
import { CommandFailed, exitCodes } from './output.ts';
import type { Answer } from './output.ts';
import { userIdOf } from './refs.ts';
import { withSession } from './session.ts';
import type { Session } from './session.ts';

export interface ReportOptions {
  /** Names, separated by commas. */
  columns?: string;
  saved?: string;
  save?: string;
  format?: ReportFormat;
  out?: string;
  as?: string;
  json?: boolean;
}

/** `report users`: all users with the columns that are asked for, to a file or to stdout (P-01 to P-03). */
export async function reportUsers(options: ReportOptions): Promise<Answer> {
  const problem = misused(options);
  if (problem !== null) {
    process.stderr.write(`error: ${problem}\n`);
    return { json: undefined, text: '', exitCode: exitCodes.usage };
  }
  return withSession(async (session) => {
    await mayReport(session, options.as);
    return write(session, options);
  });
}

function misused({ columns, saved, format, out, json = false }: ReportOptions): string | null {
  if ((columns === undefined) === (saved === undefined))
    return 'give either --columns or --saved, one of them';
  if (out !== undefined || format !== 'xlsx') return null;
  if (json) return '--json with --format xlsx needs --out';
  return process.stdout.isTTY ? 'an xlsx file is nothing for a terminal: give --out' : null;
}

async function mayReport({ database, host }: Session, as: string | undefined): Promise<void> {
  if (as === undefined) return;
  const by = await userIdOf(database, host, as, '--as');
  await database.transaction(async (sql) => {
    const [actor] = await host.users(sql, [by]);
    await requireMayReport(sql, host, actor ?? null);
  });
}

async function write({ database, host }: Session, options: ReportOptions): Promise<Answer> {
  const { save, out } = options;
  const selection = selectionOf(options);
  const columns = await database.transaction(async (sql) => {
    const chosen = await columnsOf(sql, host, selection);
    if (save !== undefined) await saveReport(sql, { name: nameOf(save), report: 'users', columns: chosen });
    return chosen;
  });
  const format = formatOf(options);
  const tally = { users: 0 };
  await database.snapshot(async (sql) => {
    const content = reportFile(sql, host, { columns, format }, tally);
    if (out === undefined) await pipeline(content, process.stdout, { end: false });
    else await writeWhole(out, content);
  });
  if (out === undefined) return { json: undefined, text: '' };
  return { json: { out, format, columns, ...tally }, text: `Wrote ${tally.users} users to ${out}` };
}

function selectionOf({ columns, saved = '' }: ReportOptions): Selection {
  if (columns === undefined) return { saved: saved.trim() };
  return {
    columns: columns
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  };
}

/** @throws CommandFailed InvalidInput for a name that a report could not be found by */
function nameOf(save: string): string {
  const name = save.trim();
  if (name !== '' && name.length <= 200 && name !== 'users') return name;
  throw new CommandFailed('InvalidInput', `--save: a name has 1 to 200 characters and is not 'users'`);
}

function formatOf({ format, out, json = false }: ReportOptions): ReportFormat | 'json' {
  if (out === undefined && json) return 'json';
  return format ?? (extname(out ?? '').toLowerCase() === '.xlsx' ? 'xlsx' : 'csv');
}
