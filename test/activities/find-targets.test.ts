import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Dependencies } from '../../activities/dependencies.ts';
import { findTargets } from '../../activities/find-targets.ts';
import type { Found } from '../../activities/find-targets.ts';
import { loadWorld } from '../../adapters/reference/load-world.ts';
import { referenceHost } from '../../adapters/reference/reference-host.ts';
import { openDatabase } from '../../database/pool.ts';
import type { Database } from '../../database/pool.ts';
import { openOperation } from '../../ledger/operations.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { owner, world } from '../support/world-builder.ts';
import type { Member } from '../support/world-builder.ts';

/** More than two full pages of lines, and one more. */
const members = 20_001;
const chunkUsers = 3_000;

let sql: pg.Client;
let database: Database;
let deps: Dependencies;
let drop: () => Promise<void>;
const open = new Set<string>();

beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  sql = new pg.Client(fresh.url);
  await sql.connect();
  const limits = { statementTimeoutMs: 60_000, lockTimeoutMs: 30_000, maxConnections: 10 };
  database = openDatabase(fresh.url, limits);
  deps = {
    database,
    host: referenceHost,
    executions: { isOpen: (_workflow, operation) => Promise.resolve(open.has(operation)) },
    settings: { approvalAbove: 100, approvalExpiryMs: 60_000, waivedDrift: [], chunkUsers, window: 3 },
  };
  const few: Member[] = ['u-1', 'u-3', 'u-5'].map((user) => [user, 'learner', 'g-few']);
  await loadWorld(
    sql,
    world({
      users: [{ id: 'u-4' }],
      groups: [{ id: 'g-many' }],
      members: few,
      courses: [{ id: 'c-1', mainAuthor: owner }],
      groupCourses: [
        { group: 'g-few', course: 'c-1' },
        { group: 'g-many', course: 'c-1' },
      ],
    }),
    { replace: true },
  );
  await sql.query(
    `with many as (
       insert into lms.account (id, email, name, status)
       select 'v-' || lpad(n::text, 6, '0'), n || '@example.org', 'V', 'active' from generate_series(1, $1::int) n returning id)
     insert into lms.membership (group_id, user_id, role, since) select 'g-many', id, 'learner', now() from many`,
    [members],
  );
}, 60_000);

beforeEach(() => sql.query('delete from lms_lifecycle.claim'));

afterAll(async () => {
  await database.close();
  await sql.end();
  await drop();
});

async function openRemoval(group: string, mode: 'apply' | 'preview' = 'apply'): Promise<string> {
  const id = randomUUID();
  open.add(id);
  await openOperation(sql, {
    id,
    workflowId: id,
    kind: 'removeCoursesFromGroup',
    input: { group, courses: ['c-1'], requestedBy: owner, mode },
    requestedBy: owner,
    reason: null,
    trigger: 'test',
    host: 'reference',
    mode,
    undoes: null,
    import: null,
  });
  return id;
}

/** Page after page; each of them twice, as after a lost answer. */
async function findAll(
  operation: string,
  between = (): Promise<unknown> => Promise.resolve(),
): Promise<Found> {
  for (let after = 0; ;) {
    const found = await findTargets(deps, { operation, after });
    await between();
    expect(await findTargets(deps, { operation, after })).toEqual(found);
    if (found.next === null) return found;
    after = found.next;
  }
}

async function counted(operation: string): Promise<Record<string, number> | undefined> {
  const { rows } = await sql.query<Record<string, number>>(
    `select count(*)::int as lines, count(distinct user_id)::int as users, max(line) as last,
            (select count(*)::int from lms_lifecycle.claim c where c.operation_id = $1) as claims
       from lms_lifecycle.operation_target where operation_id = $1`,
    [operation],
  );
  return rows[0];
}

it('X-11 D-18 all members are found and claimed, page by page, and so they are when every page is found twice', async () => {
  const operation = await openRemoval('g-many');
  const found = await findAll(operation);
  expect(found).toEqual({ next: null, frame: 'first', chunks: 7, user: null });
  expect(await counted(operation)).toEqual({
    lines: members,
    users: members,
    last: members,
    claims: members,
  });
});

it('X-11 a preview claims nobody', async () => {
  const operation = await openRemoval('g-many', 'preview');
  await findAll(operation);
  expect(await counted(operation)).toMatchObject({ lines: members, claims: 0 });
});

it('X-11 whoever another operation holds, on whichever page, refuses an operation that needs everybody', async () => {
  const first = await openRemoval('g-many');
  for (const user of ['v-000001', `v-0${members}`, 'v-015000']) {
    await sql.query('delete from lms_lifecycle.claim');
    await sql.query('insert into lms_lifecycle.claim values ($1, $2)', [user, first]);
    const second = await openRemoval('g-many');
    await expect(findAll(second)).rejects.toThrow(`user ${user} is being changed by operation ${first}`);
  }
});

it('D-17 who comes while a page is found a second time is not taken for somebody who was found', async () => {
  const operation = await openRemoval('g-few');
  const join = (): Promise<unknown> =>
    sql.query(
      `insert into lms.membership (group_id, user_id, role, since) values ('g-few', 'u-4', 'learner', now())`,
    );
  await findAll(operation, join);
  const { rows } = await sql.query<{ user: string }>(
    `select user_id as "user" from lms_lifecycle.operation_target where operation_id = $1 order by line`,
    [operation],
  );
  expect(rows.map(({ user }) => user)).toEqual(['u-1', 'u-3', 'u-5']);
});
