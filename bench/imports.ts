/**
 * Root: how long the check of a large import takes and how much memory, in a process of its own, from the bytes of the file to its final
 * check in the ledger. Every line marks every activity, and every registration is there. Needs a build, for the
 * thread that reads the file. Exits with 1 when a limit is missed.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { checkUpload } from '../activities/check-upload.ts';
import { migrateReferenceHost } from '../adapters/reference/migrate.ts';
import { referenceHost } from '../adapters/reference/reference-host.ts';
import { openDatabase } from '../database/pool.ts';
import { columnName } from '../imports/cell-ref.ts';
import { parseSettings } from '../imports/parse-import.ts';
import { writeTemplate } from '../imports/write-template.ts';
import { instanceId } from '../ledger/imports.ts';
import { migrateLedger } from '../ledger/migrate.ts';
import { withClient } from './databases.ts';
import { withServers } from './servers.ts';

const limits = { seconds: 60, memoryMb: 512 };
const built = new URL('../dist/imports/parse-thread.js', import.meta.url);

const program = new Command('bench:import')
  .description('Measures the check of an import.')
  .option('--rows <n>', 'how many users', Number, 50_000)
  .option('--activities <n>', 'how many activities', Number, 50)
  .option('--check <url>', 'internal: checks --file against this database and says what it took')
  .option('--file <file>', 'internal')
  .parse();
const options = program.opts<{ rows: number; activities: number; check?: string; file?: string }>();

if (options.check !== undefined) await measure(options.check, options.file ?? '');
else await bench();

async function bench(): Promise<void> {
  await withServers(async ({ postgresUrl, dir }) => {
    const file = join(dir, 'people.xlsx');
    await fill(postgresUrl);
    await writeFile(file, await filledTemplate(postgresUrl));
    const args = [
      ...process.execArgv,
      fileURLToPath(import.meta.url),
      '--check',
      postgresUrl,
      '--file',
      file,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    console.log(stdout.trim());
    const took = JSON.parse(stdout) as { seconds: number; memoryMb: number };
    if (took.seconds > limits.seconds || took.memoryMb > limits.memoryMb) {
      console.log(`more than ${limits.seconds} seconds or ${limits.memoryMb} MB`);
      process.exitCode = 1;
    }
  });
}

/** The users, the activities and all their registrations. */
async function fill(url: string): Promise<void> {
  await migrateReferenceHost(url);
  await migrateLedger(url);
  await withClient(url, async (client) => {
    await client.query(`
      begin; set constraints all deferred;
      insert into lms.user_group (id, name, visibility) values ('g', 'g', 'public');
      insert into lms.account (id, email, name, status)
        select 'user-' || n, 'user-' || n || '@example.org', 'User ' || n, 'active' from generate_series(1, ${options.rows}) n;
      insert into lms.platform (time_zone, owner_id, root_group_id) values ('Europe/Amsterdam', 'user-1', 'g');
      insert into lms.course (id, title, owner_group_id, main_author_id, enrolment)
        select 'course-' || n, 'Course ' || n, 'g', 'user-1', 'admin' from generate_series(1, ${options.activities}) n;
      insert into lms.registration (user_id, course_id, method, status, access, listed_as, progress)
        select a.id, c.id, 'admin', 'enrolled', true, 'current', 0 from lms.account a cross join lms.course c;
      commit;`);
    await client.query('vacuum analyze');
  });
}

async function filledTemplate(url: string): Promise<Buffer> {
  const instance = await withClient(url, instanceId);
  const activities = Array.from({ length: options.activities }, (_, i) => ({
    id: `course-${i + 1}`,
    title: `Course ${i + 1}`,
  }));
  const marker = { instance, action: 'unenrol-users', includePrivateSubgroups: false } as const;
  const parts = unzipSync(await writeTemplate(marker, activities));
  const columns = activities.map((_, i) => columnName(i + 2));
  const text = (ref: string, value: string): string =>
    `<c r="${ref}" s="1" t="inlineStr"><is><t>${value}</t></is></c>`;
  const rows = Array.from({ length: options.rows }, (_, i) => {
    const row = i + 2;
    const marks = columns.map((column) => text(`${column}${row}`, 'x')).join('');
    return `<row r="${row}" spans="1:${columns.length + 1}">${text(`A${row}`, `user-${i + 1}@example.org`)}${marks}</row>`;
  });
  const path = 'xl/worksheets/sheet1.xml';
  const [head = '', tail = ''] = strFromU8(parts[path] ?? new Uint8Array()).split('</sheetData>');
  parts[path] = strToU8(`${head}${rows.join('')}</sheetData>${tail}`);
  return Buffer.from(zipSync(parts, { level: 6 }));
}

async function measure(url: string, file: string): Promise<void> {
  const database = openDatabase(url, {
    statementTimeoutMs: 300_000,
    lockTimeoutMs: 30_000,
    maxConnections: 2,
  });
  const parse = { ...parseSettings, thread: built };
  const bytes = await readFile(file);
  const began = performance.now();
  const deps = { database, host: referenceHost, parse, chunkUsers: 3_000 };
  const { will } = await checkUpload(deps, { bytes, file: 'people.xlsx', checkedBy: null });
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  const memoryMb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ fileMb: Math.round(bytes.length / 1e5) / 10, ...will, seconds, memoryMb }));
  await database.close();
}
