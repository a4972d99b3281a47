/**
 * Root: how long a report of a million users takes and how much memory, in a process of its own, as CSV and as xlsx. Every user has
 * two groups and a profile, and every column is asked for. Exits with 1 when a limit is missed.
 */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { columnsOf, reportFile } from '../activities/read-report.ts';
import { migrateReferenceHost } from '../adapters/reference/migrate.ts';
import { referenceHost } from '../adapters/reference/reference-host.ts';
import { reportFormats } from '../contracts/reports.ts';
import type { ReportFormat } from '../contracts/reports.ts';
import { openDatabase } from '../database/pool.ts';
import { migrateLedger } from '../ledger/migrate.ts';
import { writeWhole } from '../reports/write-whole.ts';
import { withClient } from './databases.ts';
import { withServers } from './servers.ts';

const limits = { seconds: 600, memoryMb: 512 };

const program = new Command('bench:reports')
  .description('Measures the report of all users.')
  .option('--users <n>', 'how many', Number, 1_000_000)
  .option('--write <url>', 'internal: writes --format from this database to --file and says what it took')
  .option('--format <format>', 'internal')
  .option('--file <file>', 'internal')
  .parse();
const options = program.opts<{ users: number; write?: string; format?: ReportFormat; file?: string }>();

if (options.write !== undefined) await measure(options.write, options.format ?? 'csv', options.file ?? '');
else await bench();

async function bench(): Promise<void> {
  await withServers(async ({ postgresUrl, dir }) => {
    await fill(postgresUrl);
    for (const format of reportFormats) {
      const file = join(dir, `users.${format}`);
      const own = [...process.execArgv, fileURLToPath(import.meta.url)];
      const args = [...own, '--write', postgresUrl, '--format', format, '--file', file];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      const took = JSON.parse(stdout) as { users: number; seconds: number; memoryMb: number };
      const { size } = await stat(file);
      console.log(JSON.stringify({ format, ...took, megabytes: Math.round(size / 1e6) }));
      if (took.users < options.users || took.seconds > limits.seconds || took.memoryMb > limits.memoryMb) {
        console.log(`more than ${limits.seconds} seconds or ${limits.memoryMb} MB, or too few users`);
        process.exitCode = 1;
      }
    }
  });
}

async function fill(url: string): Promise<void> {
  await migrateReferenceHost(url);
  await migrateLedger(url);
  await withClient(url, async (client) => {
    await client.query(`
      begin; set constraints all deferred;
      insert into lms.user_group (id, name, visibility) values ('g', 'Everybody', 'public');
      insert into lms.user_group (id, name, parent_id, visibility)
        select 'g-' || n, 'Group ' || n, 'g', 'public' from generate_series(0, 999) n;
      insert into lms.account (id, email, name, status, deleted_at, deletion_kind, deleted_by, profile)
        select 'u-' || n, 'user' || n || '@example.org', 'User Number ' || n,
               case when n % 10 = 1 then 'deleted' else 'active' end,
               case when n % 10 = 1 then timestamptz '2026-01-01' + n * interval '1 minute' end,
               case when n % 10 = 1 then 'manual' end, case when n % 10 = 1 then 'u-0' end,
               jsonb_build_object('team', n % 50, 'city', 'City ' || n % 200)
          from generate_series(0, ${options.users - 1}) n;
      insert into lms.platform (time_zone, owner_id, root_group_id) values ('Europe/Amsterdam', 'u-0', 'g');
      insert into lms.membership (group_id, user_id, role, since)
        select g, 'u-' || n, 'learner', now() from generate_series(0, ${options.users - 1}) n
         cross join lateral (values ('g'), ('g-' || n % 1000)) as v (g);
      commit; analyze;`);
  });
}

async function measure(url: string, format: ReportFormat, file: string): Promise<void> {
  const limitsOfOne = { statementTimeoutMs: 60_000, lockTimeoutMs: 30_000, maxConnections: 1 };
  const database = openDatabase(url, limitsOfOne);
  const [started, tally] = [performance.now(), { users: 0 }];
  await database.snapshot(async (sql) => {
    const columns = await columnsOf(sql, referenceHost, 'users');
    await writeWhole(file, reportFile(sql, referenceHost, { columns, format }, tally));
  });
  await database.close();
  const seconds = Math.round((performance.now() - started) / 1000);
  const memoryMb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ ...tally, seconds, memoryMb }));
}
