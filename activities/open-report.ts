import type { Dependencies } from './dependencies.ts';
import { mailAddress } from './mail-address.ts';
import { requireMayReport } from './may-report.ts';
import { audited } from './open.ts';
import type { OpenRequest } from './open.ts';
import { requireOperation } from './operation.ts';
import { inputRefused, parseInput } from './parse-input.ts';
import { readActor } from './planner.ts';
import { columnsOf } from './read-report.ts';
import type { Selection } from './read-report.ts';
import type { ReportDelivery } from './report-delivery.ts';
import { Refusal } from '../contracts/failures.ts';
import type { RunReportInput } from '../contracts/operations.ts';
import { openOperation } from '../ledger/operations.ts';
import { asStored } from '../ledger/storable.ts';

/** What the workflow of a report knows of it; nothing personal. */
export interface OpenedReport {
  host: string;
  requestedBy: string;
  mode: 'apply' | 'preview';
}

/**
 * Opens a report as an operation of the ledger, because whoever takes personal data out is on record, and refuses one that
 * could not be written or mailed. Again for the same operation: a no-op with the same answer.
 *
 * @throws Refusal InvalidInput, NotFound, NotAuthorized
 */
export async function openReport(deps: Dependencies, request: OpenRequest): Promise<OpenedReport> {
  const { database, host } = deps;
  const input = asStored(request.input ?? {});
  const parsed = parseInput('runReport', input);
  const asked = { kind: request.kind, input, import: null, refusal: null };
  const opened = { ...audited(request, asked, parsed.data), host: host.name, undoes: null };
  await database.transaction((sql) => openOperation(sql, opened));
  if (!parsed.success) throw inputRefused('runReport', parsed.error);
  requireDelivery(deps);
  await database.transaction(async (sql) => {
    const operation = await requireOperation(sql, request.operation);
    const actor = await readActor({ sql, host, operation });
    await columnsOf(sql, host, selectionOf(parsed.data));
    await requireMayReport(sql, host, actor);
    await mailAddress(sql, host, parsed.data);
  });
  return { host: host.name, requestedBy: parsed.data.requestedBy, mode: parsed.data.mode };
}

/** @throws Refusal InvalidInput where this instance has not been told how to mail links */
export function requireDelivery({ reports }: Pick<Dependencies, 'reports'>): ReportDelivery {
  if (reports) return reports;
  const settings = 'LMS_MAIL_URL, LMS_MAIL_FROM, LMS_PUBLIC_URL and LMS_LINK_SECRET';
  throw new Refusal('InvalidInput', `this instance mails no links to reports: set ${settings}`);
}

/** The columns that an input asks for. */
export function selectionOf({ report }: RunReportInput): Selection {
  if (report === 'users') return 'users';
  return typeof report === 'string' ? { saved: report } : { columns: report.columns };
}
