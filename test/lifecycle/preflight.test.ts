import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { referenceHost } from '../../adapters/reference/reference-host.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, world } from '../support/world-builder.ts';

const unknown = 'lms.badge.user_id';
const deletion = { user: 'ada', requestedBy: admin };

let strict: Lab;
let waiving: Lab;
beforeAll(async () => {
  strict = await openLab();
  waiving = await openLab({ waivedDrift: [unknown] });
}, 120_000);
afterAll(async () => {
  await strict.close();
  await waiving.close();
});

describe('a reference to users that nobody has claimed', () => {
  beforeEach(async () => {
    for (const lab of [strict, waiving]) {
      await lab.load(world({ users: [{ id: 'ada' }] }));
      await lab.sql.query(`create table if not exists lms.badge (user_id text references lms.account)`);
    }
  });

  it('X-14 is found by name', async () => {
    expect(await referenceHost.preflight(strict.sql)).toEqual([
      { kind: 'unclaimed', name: unknown, detail: 'refers to users; no rule handles it' },
    ]);
  });

  it('X-14 stops a deletion before anything has changed', async () => {
    const before = await strict.dump();
    await expect(strict.run('deleteUser', deletion)).rejects.toMatchObject({
      type: 'SchemaDrift',
      message: expect.stringContaining(unknown),
    });
    expect(await strict.dump()).toEqual(before);
  });

  it('X-14 stops nothing once it is waived by name', async () => {
    expect(await waiving.run('deleteUser', deletion)).toMatchObject({ state: 'done' });
  });

  it('X-14 a reference that the rules need and that is gone is found too', async () => {
    await strict.sql.query('begin');
    await strict.sql.query('alter table lms.item drop column author_id');
    const found = await referenceHost.preflight(strict.sql);
    await strict.sql.query('rollback');
    expect(found).toContainEqual(expect.objectContaining({ kind: 'missing', name: 'lms.item.author_id' }));
  });
});
