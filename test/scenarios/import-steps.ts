import { checkUpload } from '../../activities/check-upload.ts';
import { makeTemplate } from '../../activities/make-template.ts';
import type { Template, TemplateRequest } from '../../activities/make-template.ts';
import { referenceHost } from '../../adapters/reference/reference-host.ts';
import type { ImportReport, TemplateMarker } from '../../contracts/imports.ts';
import { openDatabase } from '../../database/pool.ts';
import { writeTemplate } from '../../imports/write-template.ts';
import type { TemplateActivity } from '../../imports/write-template.ts';
import { instanceId } from '../../ledger/imports.ts';
import { compiledThread } from '../imports/support/thread.ts';
import { filled } from '../imports/support/workbook.ts';
import type { CellValue, FilledRow } from '../imports/support/workbook.ts';
import type { Lab } from '../support/lab.ts';

/** How a scenario imports. */
export interface Importer {
  /** Makes a template as the command line does. */
  make(request: Partial<TemplateRequest> & { action: string }): Promise<Template>;
  /** An empty template of this instance. */
  template(
    marker: Omit<TemplateMarker, 'instance' | 'includePrivateSubgroups'> & Partial<TemplateMarker>,
    activities?: readonly TemplateActivity[],
  ): Promise<Buffer>;
  /** The final check of a file; `checkedBy` is whose rights are looked at. */
  check(file: Buffer, checkedBy?: string): Promise<ImportReport>;
  /** The final check of a template with these lines below its header. */
  checkRows(
    template: Buffer,
    rows: readonly (readonly CellValue[] | FilledRow)[],
    checkedBy?: string,
  ): Promise<ImportReport>;
  close(): Promise<void>;
}

export async function openImporter(lab: Lab, chunkUsers = 3000): Promise<Importer> {
  const thread = await compiledThread();
  const limits = { statementTimeoutMs: 60_000, lockTimeoutMs: 30_000, maxConnections: 2 };
  const database = openDatabase(lab.databaseUrl, limits);
  const deps = { database, host: referenceHost, parse: thread.parse, chunkUsers };
  const check: Importer['check'] = (bytes, checkedBy) =>
    checkUpload(deps, { bytes, file: 'people.xlsx', checkedBy: checkedBy ?? null });
  return {
    make: (request) =>
      makeTemplate(deps, { activities: [], group: undefined, includePrivateSubgroups: false, ...request }),
    check,
    checkRows: (template, rows, checkedBy) => check(filled(template, rows), checkedBy),
    template: async (marker, activities = []) => {
      const instance = await instanceId(lab.sql);
      return writeTemplate({ instance, includePrivateSubgroups: false, ...marker }, activities);
    },
    close: async () => {
      await database.close();
      await thread.remove();
    },
  };
}
