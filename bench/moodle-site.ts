import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { migrateLedger } from '../ledger/migrate.ts';
import { storeList } from '../ledger/lists.ts';
import { copyBlocks } from '../test/adapters/moodle/support/copy-blocks.ts';
import type { StoredLists } from './batch-workflow.ts';
import { templateOf, withClient } from './databases.ts';
import { moodleCourses, synced } from './moodle-courses.sql.ts';
import { moodleUsers } from './moodle-users.sql.ts';

/** A Moodle site with so many more users, an empty ledger beside it. */
export function siteTemplate(server: string, sample: string, users: number): Promise<string> {
  return templateOf(server, `bench_moodle_${users}`, async (url) => {
    await withClient(url, async (client) => {
      await loadSample(client, sample);
      // As many users in a course as in a middling site; the cohorts' courses are beside these.
      const courses = synced + Math.max(40, Math.ceil(users / 25));
      for (const statement of [...moodleCourses, ...moodleUsers]) {
        await client.query(
          statement.replaceAll(':users', String(users)).replaceAll(':courses', String(courses)),
        );
      }
      await client.query('vacuum analyze');
    });
    await migrateLedger(url);
  });
}

async function loadSample(client: pg.Client, sample: string): Promise<void> {
  await client.query(await readFile(join(sample, 'schema.sql'), 'utf8'));
  const { statements, copies } = copyBlocks(await readFile(join(sample, 'small-world.sql'), 'utf8'));
  for (const { table, rows } of copies) {
    await client.query(`insert into ${table} select * from json_populate_recordset(null::${table}, $1)`, [
      JSON.stringify(rows),
    ]);
  }
  await client.query(statements);
  // The sample hides its schema from names without one.
  await client.query('reset search_path');
}

/** Stores lists of the site's generated users, by email, in an order that has nothing to do with theirs. */
export async function storeSiteUsers(
  client: pg.Client,
  { warmUp: before, users }: { warmUp: number; users: number },
): Promise<StoredLists> {
  const { rows } = await client.query<{ email: string }>(
    `select email from mdl_user where id > 1000 and deleted = 0 order by md5(id::text) limit $1`,
    [before + users],
  );
  const entries = rows.map(({ email }, i) => ({ line: i + 1, email, ref: email }));
  const [warmUp, list] = [randomUUID(), randomUUID()];
  await storeList(client, warmUp, 'bench', entries.slice(0, before));
  await storeList(client, list, 'bench', entries.slice(before));
  return { warmUp, list, requestedBy: '2' };
}
