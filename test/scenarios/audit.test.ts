import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeKinds, steps } from '../../contracts/changes.ts';
import { openLab } from '../support/lab.ts';
import type { ChangeRow, Lab } from '../support/lab.ts';
import { admin, world } from '../support/world-builder.ts';
import { fullLife, fullLifeCounts } from './full-life.ts';
import { outcomeOf, theChange } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const whole = { includePrivateSubgroups: true };

async function changesOfFullLife(): Promise<ChangeRow[]> {
  const { result } = await outcomeOf(lab, fullLife(), whole);
  return lab.changes(result.operation);
}

/** Which of the ledger's tables hold the text anywhere. */
async function tablesWith(text: string): Promise<string[]> {
  const { rows } = await lab.sql.query<{ name: string }>(
    `select table_name as name from information_schema.tables
      where table_schema = 'lms_lifecycle' and table_type = 'BASE TABLE'`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const hits = await lab.sql.query(
      `select 1 from lms_lifecycle."${name}" as t where strpos(t::text, $1) > 0 limit 1`,
      [text],
    );
    if (hits.rows.length > 0) found.push(name);
  }
  return found;
}

describe('what is recorded', () => {
  it('X-09 has every change applied, with its kind counted as in the result', async () => {
    const changes = await changesOfFullLife();
    const counts = Object.fromEntries(
      Object.keys(fullLifeCounts).map((kind) => [kind, changes.filter((c) => c.kind === kind).length]),
    );
    expect(counts).toEqual(fullLifeCounts);
    expect(new Set(changes.map((change) => change.state))).toEqual(new Set(['applied']));
    expect(new Set(changes.map((change) => change.id)).size).toBe(changes.length);
    for (const change of changes) {
      expect(change.user).toBe('ada');
      expect(changeKinds).toContain(change.kind);
    }
  });

  it('X-09 goes from ownership to account, so that nothing is ever owned by a deleted one', async () => {
    const order = (await changesOfFullLife()).map((change) => steps.indexOf(change.step));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it('X-09 says of every row what it was before and what it became', async () => {
    const changes = await changesOfFullLife();
    const shown = (kind: string, item: object = {}): Partial<ChangeRow> => {
      const { before, after } = theChange(changes, kind, item);
      return { before, after };
    };
    const position: unknown = expect.any(Number);
    expect(shown('ownership.transfer', { type: 'course', id: 'c-co' })).toEqual({
      before: { main: 'ada', position },
      after: { main: 'bob', position: null },
    });
    expect(shown('ownership.transfer', { type: 'course', id: 'c-group' })).toEqual({
      before: { main: 'ada', position: null },
      after: { main: 'gus', position: null },
    });
    expect(shown('ownership.transfer', { type: 'path', id: 'p-main' })).toEqual({
      before: { main: 'ada', position: null },
      after: { main: 'gus', position: null },
    });
    expect(shown('ownership.transfer', { type: 'session', id: 's-static' })).toEqual({
      before: { main: 'ada', position: null },
      after: { main: 'gus', position: null },
    });
    expect(shown('co-role.remove', { type: 'course', id: 'c-helped' })).toEqual({
      before: { position },
      after: null,
    });
    expect(shown('slot.leave', { slot: 't-static-next', session: 's-static' })).toEqual({
      before: {},
      after: null,
    });
    expect(shown('session.leave', { session: 's-dynamic' })).toEqual({ before: {}, after: null });
    expect(shown('membership.remove', { group: 'g-sales', role: 'admin' })).toEqual({
      before: { since: expect.anything() as unknown },
      after: null,
    });
    expect(shown('account.retire')).toEqual({
      before: expect.objectContaining({ status: 'active' }) as unknown,
      after: expect.objectContaining({
        status: 'deleted',
        deletionKind: 'manual',
        deletedBy: admin,
      }) as unknown,
    });
  });

  it('X-09 keeps who asked and why', async () => {
    const given = world({ users: [{ id: 'ada' }], members: [['rita-who-asks', 'admin', 'g-root']] });
    const reason = 'Left the company, ticket 4711';
    await outcomeOf(lab, given, { requestedBy: 'rita-who-asks', reason });
    expect(await tablesWith(reason)).not.toEqual([]);
    expect(await tablesWith('rita-who-asks')).not.toEqual([]);
  });

  it('X-09 keeps an image of every row that was written', async () => {
    const changes = await changesOfFullLife();
    const { rows } = await lab.sql.query<{ images: string }>(
      `select count(*) as images from lms_lifecycle.row_image`,
    );
    expect(Number(rows[0]?.images)).toBeGreaterThanOrEqual(changes.length);
    expect(await tablesWith('t-static-next')).toContain('row_image');
    expect(await tablesWith('c-parent')).toContain('row_image');
  });

  it('X-09 a preview writes no row, and records none', async () => {
    await outcomeOf(lab, fullLife(), { ...whole, mode: 'preview' });
    const { rows } = await lab.sql.query(`select 1 from lms_lifecycle.row_image`);
    expect(rows).toEqual([]);
  });

  it('X-09 an undo is recorded as its own operation, and the first stays on record as it was', async () => {
    const { result } = await outcomeOf(lab, fullLife(), whole);
    const first = await lab.changes(result.operation);
    const undone = await lab.run('undoOperation', { operation: result.operation, requestedBy: admin });
    expect(await lab.changes(result.operation)).toEqual(first);
    const second = await lab.changes(undone.operation);
    expect(second).toHaveLength(first.length);
    expect(new Set(second.map((change) => change.state))).toEqual(new Set(['applied']));
    const order = second.map((change) => steps.indexOf(change.step));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
});

describe('append-only', () => {
  const tables = ['change', 'row_image'];

  async function contents(): Promise<unknown[]> {
    const all: unknown[] = [];
    for (const table of tables) {
      const { rows } = await lab.sql.query<{ row: string }>(
        `select t::text as row from lms_lifecycle.${table} as t order by 1`,
      );
      all.push(rows);
    }
    return all;
  }

  /** Refused by the database's own guard, not for being ill-formed. */
  async function expectForbidden(statement: string): Promise<void> {
    const outcome = await lab.sql.query(statement).then(
      () => 'was done',
      (error: unknown) => (error as { code?: string }).code ?? String(error),
    );
    expect(outcome, statement).not.toBe('was done');
    expect(outcome, statement).not.toMatch(/^42(601|703|P01)$/);
  }

  it.each(tables)('X-09 rows of %s cannot be deleted', async (table) => {
    await changesOfFullLife();
    const before = await contents();
    await expectForbidden(`delete from lms_lifecycle.${table}`);
    expect(await contents()).toEqual(before);
  });

  it.each(tables)('X-09 rows of %s cannot be emptied away', async (table) => {
    await changesOfFullLife();
    const before = await contents();
    await expectForbidden(`truncate lms_lifecycle.${table} cascade`);
    expect(await contents()).toEqual(before);
  });

  it.each(tables)('X-09 no column of %s can be forged', async (table) => {
    await changesOfFullLife();
    const before = await contents();
    const { rows } = await lab.sql.query<{ name: string; type: string }>(
      `select column_name as name, data_type as type from information_schema.columns
        where table_schema = 'lms_lifecycle' and table_name = $1 and data_type in ('jsonb', 'json', 'text')
          and is_generated = 'NEVER'`,
      [table],
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { name } of rows) {
      await expectForbidden(`update lms_lifecycle.${table} set "${name}" = '{"forged": true}'`);
    }
    expect(await contents()).toEqual(before);
  });

  it('X-09 a change that was applied cannot be said to be pending', async () => {
    await changesOfFullLife();
    await expectForbidden(`update lms_lifecycle.change set state = 'pending'`);
  });
});
