import { expect, inject, it, onTestFinished } from 'vitest';
import { referenceHost } from '../../adapters/reference/reference-host.ts';
import type { OperationResult } from '../../contracts/operations.ts';
import type { Progress } from '../../workflows/messages.ts';
import { fullLife } from '../scenarios/full-life.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { admin } from '../support/world-builder.ts';
import { startCuttingProxy } from './support/cutting-proxy.ts';
import { startInnerWorker } from './support/inner-worker.ts';
import { openSite } from './support/site.ts';

it('X-05 a step that was committed without anybody being told counts: in the progress, and for the refresh of the host', async () => {
  const database = await freshDatabase();
  onTestFinished(() => database.drop());
  const site = await openSite(database.url, inject('temporalAddress'));
  onTestFinished(() => site.close());
  await site.load(fullLife());
  let cut = false;
  const proxy = await startCuttingProxy(site.databaseUrl, (statement, previous) => {
    if (cut || statement !== 'commit' || !previous.startsWith('with todo')) return null;
    cut = true;
    return 'unanswered';
  });
  onTestFinished(() => proxy.close());
  let refreshed = 0;
  const refresh = (): Promise<void> => {
    refreshed += 1;
    return Promise.resolve();
  };
  const host = { ...referenceHost, refresh };
  const worker = await startInnerWorker(site, { databaseUrl: proxy.url, host });
  onTestFinished(() => worker.stop());

  const input = { group: 'g-inner', users: ['ada'], requestedBy: admin };
  const handle = await site.start('removeFromGroup', input);
  const { counts } = (await handle.result()) as OperationResult;
  const { applied } = await handle.query<Progress>('progress');
  expect({ cut, counts }).toEqual({ cut: true, counts: { 'membership.remove': 1 } });
  expect({ applied, refreshed }).toEqual({ applied: 1, refreshed: 1 });
});
