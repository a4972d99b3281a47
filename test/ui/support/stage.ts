import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { World } from '../../../contracts/world.ts';
import { startInstance } from '../../commands/support/instance.ts';
import type { Instance } from '../../commands/support/instance.ts';
import { startMailServer } from '../../reports/support/mail-server.ts';
import type { MailServer } from '../../reports/support/mail-server.ts';
import { findChromium, noChromium, openBrowser } from './browser.ts';
import { TemporalUi, otherVersion } from './temporal-ui.ts';

/** One running instance with the demo company, one Web UI and one browser, for all walks; they are there when a test runs. */
export interface Stage {
  ui: TemporalUi;
  mails: MailServer;
  /** Where the instance's Temporal and its Web UI are. */
  addresses: Record<string, string>;
  world(): Promise<World>;
  /** Does something to the host behind its back. */
  sql(query: string): Promise<void>;
}

/** Chunks of one user, one after the other: five people make a batch that can be watched. */
const settings = {
  LMS_CHUNK_USERS: '1',
  LMS_CHUNK_WINDOW: '1',
  LMS_MAIL_FROM: 'lms@example.org',
  LMS_PUBLIC_URL: 'https://lms.example.org',
  LMS_LINK_SECRET: 'a secret of thirty-two characters or more',
};

/** Sets the stage for the tests of a file, which are skipped where there is no Chromium, or another UI than the known one. */
export function setStage(): Stage {
  const stage = {} as Stage;
  const chromium = findChromium();
  const strike: (() => unknown)[] = [];
  let skipped: string | null = noChromium;
  beforeAll(async () => {
    if (chromium === undefined) {
      console.warn(noChromium);
      return;
    }
    const mails = await startMailServer();
    strike.push(() => mails.close());
    const stateDir = await mkdtemp(join(tmpdir(), 'lms-lifecycle-ui-'));
    strike.push(() => rm(stateDir, { recursive: true, force: true }));
    const [instance, browser] = await Promise.all([
      startInstance(stateDir, [], { ...settings, LMS_MAIL_URL: mails.url }),
      openBrowser(chromium),
    ]);
    strike.push(
      () => instance.stop(),
      () => browser.close(),
    );
    const { addresses } = instance;
    skipped = await otherVersion(addresses['uiUrl'] ?? '');
    const ui = new TemporalUi(browser.page, addresses['uiUrl'] ?? '');
    Object.assign(stage, { ui, mails, addresses, world: () => dumped(instance), sql: queryOf(addresses) });
  }, 120_000);
  afterAll(async () => {
    for (const end of strike.reverse()) await end();
  }, 60_000);
  beforeEach(({ skip }) => {
    skip(skipped !== null, skipped ?? '');
  });
  return stage;
}

async function dumped(instance: Instance): Promise<World> {
  return JSON.parse((await instance.run('host', 'dump')).stdout) as World;
}

function queryOf(addresses: Record<string, string>): Stage['sql'] {
  return async (query) => {
    const client = new pg.Client(addresses['databaseUrl']);
    await client.connect();
    await client.query(query).finally(() => client.end());
  };
}
