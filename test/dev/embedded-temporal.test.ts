import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTemporal } from '../../dev/embedded-temporal.ts';
import type { RunningTemporal, StartTemporalOptions } from '../../dev/embedded-temporal.ts';
import { freePort } from '../../dev/free-port.ts';
import { markProcess } from '../../dev/process-mark.ts';
import { scratchDir } from './support/scratch.ts';
import { temporalForTests } from './support/temporal-for-tests.ts';

const scratch = scratchDir();
const dbFile = join(scratch, 'temporal.db');
const running: RunningTemporal[] = [];
let binary = '';

async function start(options: Partial<StartTemporalOptions> = {}): Promise<RunningTemporal> {
  const temporal = await startTemporal({ binary, dbFile, headless: true, searchAttributes: {}, ...options });
  running.push(temporal);
  return temporal;
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

function startWorkflow(address: string, workflowId: string, attribute: string): Promise<unknown> {
  const key = defineSearchAttributeKey(attribute, SearchAttributeType.KEYWORD);
  const typedSearchAttributes = [{ key, value: workflowId }];
  return withClient(address, ({ workflow }) =>
    workflow.start('nobodyRunsIt', { taskQueue: 'none', workflowId, typedSearchAttributes }),
  );
}

function describeWorkflow(address: string, workflowId: string) {
  return withClient(address, ({ workflow }) => workflow.getHandle(workflowId).describe());
}

beforeAll(async () => {
  binary = await temporalForTests();
}, 30 * 60_000);

afterEach(async () => {
  for (const temporal of running.splice(0)) await temporal.stop();
});

describe('the embedded Temporal server', { timeout: 60_000 }, () => {
  test('keeps its workflows from start to start, and takes up search attributes that are new', async () => {
    const first = await start({ searchAttributes: { LmsHost: 'Keyword' } });
    await startWorkflow(first.address, 'kept', 'LmsHost');
    await first.stop();
    const second = await start({ searchAttributes: { LmsHost: 'Keyword', LmsState: 'Keyword' } });
    expect((await describeWorkflow(second.address, 'kept')).status.name).toBe('RUNNING');
    await startWorkflow(second.address, 'newer', 'LmsState');
    expect(statSync(dbFile).mode & 0o777).toBe(0o600);
  });

  test('comes back with its workflows after it was killed', async () => {
    const first = await start({ searchAttributes: { LmsHost: 'Keyword' } });
    await startWorkflow(first.address, 'survived', 'LmsHost');
    first.kill();
    await first.exited;
    const second = await start();
    expect((await describeWorkflow(second.address, 'survived')).status.name).toBe('RUNNING');
  });

  test('refuses a search attribute that is there with another type', async () => {
    const dbFile = join(scratch, 'types.db');
    await (await start({ dbFile, searchAttributes: { LmsHost: 'Keyword' } })).stop();
    const again = start({ dbFile, searchAttributes: { LmsHost: 'Int' } });
    await expect(again).rejects.toThrow(/LmsHost is registered with another type than Int/);
  });

  test('makes a namespace of another name, and forgets all when it has no file', async () => {
    const options = {
      dbFile: undefined,
      namespace: 'lms',
      searchAttributes: { LmsHost: 'Keyword' },
    } as const;
    const { address } = await start(options);
    const described = await withClient(address, ({ workflowService }) =>
      workflowService.describeNamespace({ namespace: 'lms' }),
    );
    expect(described.namespaceInfo?.name).toBe('lms');
  });

  test('shows its Web UI unless headless', async () => {
    const temporal = await start({ headless: false });
    expect((await fetch(temporal.uiUrl)).status).toBe(200);
    expect((await start({ dbFile: undefined })).uiUrl).toBe('');
  });

  test('takes the ports that it is given, or says what to do when one is taken', async () => {
    const [port, uiPort] = [await freePort(), await freePort()];
    const { address, uiUrl } = await start({ port, uiPort, headless: false });
    expect([address, uiUrl]).toEqual([`127.0.0.1:${port}`, `http://127.0.0.1:${uiPort}`]);
    await running.pop()?.stop();
    const squatter = createServer().listen(uiPort, '127.0.0.1');
    const again = start({ port, uiPort, headless: false });
    await expect(again).rejects.toThrow(
      `Port ${uiPort} of 127.0.0.1, wanted for the Temporal Web UI, is in use.`,
    );
    await new Promise((resolve) => squatter.close(resolve));
  });

  test('refuses a file on which a living process runs a server already', async () => {
    const { pid } = await start();
    await expect(start()).rejects.toThrow(`already running (pid ${pid}), started by pid ${process.pid}`);
  });

  test('is gone when stop returns', async () => {
    const temporal = await start();
    await temporal.stop();
    expect(markProcess(temporal.pid)).toBeUndefined();
  });
});
