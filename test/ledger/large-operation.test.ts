import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Sql } from '../../contracts/sql.ts';
import { countIsolated, isolateUser } from '../../ledger/attention.ts';
import { claimUsers } from '../../ledger/claims.ts';
import {
  departures,
  leaveAlone,
  leaveWhatFollows,
  pendingInStep,
  pendingSteps,
  pendingUsers,
  tallyChunk,
  undoableChanges,
  undoableFrame,
} from '../../ledger/changes.ts';
import {
  acceptUnchanged,
  changedUsers,
  countSettled,
  leavingAmong,
  linesAfter,
  linesOfUsers,
  linesUpTo,
  namedAmong,
  namedBefore,
  registrationsNamed,
  settleChunk,
  settleLeftovers,
  settlePlanned,
  settleTargets,
  usersOfChunk,
} from '../../ledger/targets.ts';
import { freshDatabase } from '../support/fresh-database.ts';

/**
 * A ledger that has seen many operations on one user each, not always the same, and now has a large one that its statistics know nothing of: the planner
 * takes that one for as small as the others, and reading it from end to end for each chunk would take hours for a million users.
 */
const operation = randomUUID();
const large = 20_000;
type Lookups = Record<string, (sql: Sql) => Promise<unknown>>;
const users = Array.from({ length: 100 }, (_, i) => `user-${i * 7}`);
const unchanged = users.map((user) => ({ user, state: 'unchanged' as const }));

const operations = /* sql */ `
  insert into lms_lifecycle.operation (id, workflow_id, kind, input, requested_by, trigger, host, mode, state)
  select id, id, 'deleteUsers', '{}', 'u-owner', 'test', 'reference', 'apply', 'applying'
    from unnest($1::text[]) id`;
const targets = /* sql */ `
  insert into lms_lifecycle.operation_target (operation_id, line, chunk, user_id, state)
  select op, line, 1 + line / 1000, 'user-' || n * line, 'open'
    from unnest($1::text[]) with ordinality as o (op, n), generate_series($2::int, $3::int) line`;
const changes = /* sql */ `
  insert into lms_lifecycle.change (operation_id, chunk, round, seq, step, kind, user_id, item, reason, state)
  select operation_id, chunk, 1, line, 'leaveGroups', 'membership.remove', user_id, '{"group": "g"}', '{}', 'applied'
    from lms_lifecycle.operation_target where operation_id = any($1::text[])`;

let sql: pg.Client;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  sql = new pg.Client(database.url);
  await sql.connect();
  const small = Array.from({ length: 5_000 }, () => randomUUID());
  await sql.query(operations, [small]);
  await sql.query(targets, [small, 1, 1]);
  await sql.query(changes, [small]);
  await sql.query('analyze');
  await sql.query(operations, [[operation]]);
  await sql.query(targets, [[operation], 1, large]);
  await sql.query(changes, [[operation]]);
}, 60_000);
afterAll(async () => {
  await sql.end();
  await drop();
});

/** How many rows of the ledger the work reads. */
async function rowsRead(work: (sql: Sql) => Promise<unknown>): Promise<number> {
  await sql.query('begin');
  try {
    const before = await rowsReadSoFar();
    await work(sql);
    return (await rowsReadSoFar()) - before;
  } finally {
    await sql.query('rollback');
  }
}

async function rowsReadSoFar(): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as n
       from pg_stat_xact_user_tables where schemaname = 'lms_lifecycle'`,
  );
  return rows[0]?.n ?? 0;
}

const byUser: Lookups = {
  leavingAmong: (tx) => leavingAmong(tx, operation, users),
  namedAmong: (tx) => namedAmong(tx, operation, users),
  namedBefore: (tx) => namedBefore(tx, operation, users, large),
  linesOfUsers: (tx) => linesOfUsers(tx, operation, users, null),
  registrationsNamed: (tx) => registrationsNamed(tx, operation, users, 'open'),
  acceptUnchanged: (tx) => acceptUnchanged(tx, operation, users),
  settleTargets: (tx) => settleTargets(tx, operation, unchanged),
  isolateUser: (tx) => isolateUser(tx, operation, 'user-7', { type: 'Unexpected', message: 'a trigger' }),
  departures: (tx) => departures(tx, operation, users),
  undoableChanges: (tx) => undoableChanges(tx, operation, users),
};
const byLine: Lookups = {
  claimUsers: (tx) => claimUsers(tx, operation, { first: large / 2, last: large / 2 + 100 }),
  linesAfter: (tx) => linesAfter(tx, operation, large / 2, 100),
  linesUpTo: (tx) => linesUpTo(tx, operation, large / 2, 100),
  changedUsers: (tx) => changedUsers(tx, operation, large / 2, 100),
  settleLeftovers: (tx) => settleLeftovers(tx, operation),
};
const chunk = 7;
const step = 'leaveGroups';
const byChunk: Lookups = {
  usersOfChunk: (tx) => usersOfChunk(tx, operation, chunk, ['open']),
  countSettled: (tx) => countSettled(tx, operation, chunk),
  settleChunk: (tx) => settleChunk(tx, operation, chunk),
  settlePlanned: (tx) => settlePlanned(tx, operation, chunk, users),
  countIsolated: (tx) => countIsolated(tx, operation, chunk),
  tallyChunk: (tx) => tallyChunk(tx, operation, chunk),
  pendingSteps: (tx) => pendingSteps(tx, operation, chunk),
  pendingInStep: (tx) => pendingInStep(tx, operation, chunk, step),
  pendingUsers: (tx) => pendingUsers(tx, operation, chunk, step),
  leaveAlone: (tx) => leaveAlone(tx, { operation, chunk }, users),
  leaveWhatFollows: (tx) => leaveWhatFollows(tx, { operation, chunk }, 'membership.remove'),
  undoableFrame: (tx) => undoableFrame(tx, operation),
};

it.each(Object.entries({ ...byUser, ...byChunk }))(
  '%s does not read through the whole operation',
  async (_name, lookup) => {
    expect(await rowsRead(lookup)).toBeLessThan(large / 4);
  },
);

it.each(Object.entries(byLine))(
  '%s reads through it once or twice, not for each user',
  async (_name, lookup) => {
    expect(await rowsRead(lookup)).toBeLessThan(large * 4);
  },
);
