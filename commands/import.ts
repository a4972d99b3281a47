import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { checkUpload } from '../activities/check-upload.ts';
import { makeTemplate } from '../activities/make-template.ts';
import { ImportRefused, problemText } from '../imports/import-refused.ts';
import { parseSettings } from '../imports/parse-import.ts';
import { readUpload } from '../imports/read-upload.ts';
import { importText } from './import-text.ts';
import { exitCodes, table } from './output.ts';
import type { Answer } from './output.ts';
import { userIdOf } from './refs.ts';
import { startAndFollow } from './run.ts';
import type { StartOptions } from './run.ts';
import { withSession } from './session.ts';

/** What a template is made for. */
export interface TemplateOptions {
  action: string;
  activity?: string[];
  group?: string;
  includePrivateSubgroups?: boolean;
  out: string;
}

/** `import find TEXT`: activities by title or id (I-02). */
export function findActivities(text: string, { limit }: { limit: number }): Promise<Answer> {
  return withSession(async ({ database, host }) => {
    const found = await database.transaction((sql) => host.catalogue.search(sql, text, limit));
    const rows = found.map(({ id, type, title }) => [id, type, title]);
    return { json: found, text: table([['id', 'type', 'title'], ...rows]) };
  });
}

/** `import template`: a spreadsheet to fill in (I-01, I-03). */
export function template({ action, activity = [], group, ...options }: TemplateOptions): Promise<Answer> {
  const { includePrivateSubgroups = false, out } = options;
  return withSession(async (session) => {
    const request = { action, activities: activity, group, includePrivateSubgroups };
    const { marker, activities, xlsx } = await makeTemplate(session, request);
    await writeFile(out, xlsx);
    return {
      json: { out, ...marker, activities },
      text: `Wrote ${out}: fill it in, then: import check ${out}`,
    };
  });
}

/** `import check FILE`: the final check (I-05, I-06). */
export function check(path: string, options: { as?: string }): Promise<Answer> {
  return withSession(async ({ database, host, config }) => {
    const checkedBy = options.as === undefined ? null : await userIdOf(database, host, options.as, '--as');
    const deps = { database, host, parse: parseSettings, chunkUsers: config.LMS_CHUNK_USERS };
    try {
      const bytes = await readUpload(path, parseSettings.limits);
      const report = await checkUpload(deps, { bytes, file: basename(path), checkedBy });
      const attention = report.cannot.count + report.problems.count > 0;
      const exitCode = attention ? exitCodes.attention : exitCodes.done;
      return { json: report, text: importText(report), exitCode };
    } catch (error) {
      if (error instanceof ImportRefused) return refusalOf(error);
      throw error;
    }
  });
}

/** `import start ID`: runs what the check has shown (I-07). */
export function startImport(id: string, options: StartOptions): Promise<Answer> {
  return withSession((session) => startAndFollow(session, 'runImport', { import: id }, options));
}

function refusalOf({ type, message, problems }: ImportRefused): Answer {
  process.stderr.write(`${type}: ${message}\n`);
  const text = ['Nothing of the file can be imported:', ...problems.first.map((p) => `! ${problemText(p)}`)];
  return {
    json: { failure: { type, message }, problems },
    text: text.join('\n'),
    exitCode: exitCodes.failed,
  };
}
