import { expect, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import { runCli, startInstance } from './support/instance.ts';

it('what was done survives a stop and the next start; --fresh forgets it', async () => {
  const first = await startInstance();
  expect(await (await fetch(new URL('/readyz', first.addresses['httpUrl']))).json()).toMatchObject({
    ready: true,
    checks: {
      database: { ok: true },
      migrations: { ok: true },
      schema: { ok: true },
      temporal: { ok: true },
    },
  });
  expect(await first.json('inbox', 'list')).toEqual([]);
  const deletion = ['delete-user', 'ada@example.org', '--as', 'owner@example.org'];
  const { operation } = await first.json<OperationResult>(...deletion);
  expect((await first.stop()).code).toBe(0);

  const second = await startInstance(first.stateDir);
  expect(await second.json('ops', 'show', operation)).toMatchObject({ state: 'done' });
  expect(await second.json(...deletion)).toMatchObject({ users: { done: 0, unchanged: 1 } });
  await second.stop();

  const third = await startInstance(first.stateDir, ['--fresh']);
  expect((await third.run('ops', 'show', operation)).stderr).toContain('NotFound');
  await third.stop();
  await third.remove();
}, 180_000);

it('a second start on the same state directory says who has it', async () => {
  const first = await startInstance();
  const second = await runCli(['start', '--ports', 'auto'], { LMS_STATE_DIR: first.stateDir });
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/already .*pid \d+/);
  await first.stop();
  await first.remove();
}, 120_000);
