import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';

/** A page of a browser of its own, which knows nothing and leaves nothing. */
export interface Browser {
  page: Page;
  close(): Promise<void>;
}

const usualPlace = '/usr/bin/chromium';
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What the skipped tests say. */
export const noChromium = `no Chromium: set CHROMIUM to its path, or install it as ${usualPlace}`;

/** The Chromium to use: CHROMIUM (one that is named must be there), or the system's; undefined without one. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM'];
  if (named && !existsSync(named)) throw new Error(`CHROMIUM=${named} does not exist`);
  return named || (existsSync(usualPlace) ? usualPlace : undefined);
}

export async function openBrowser(executablePath: string): Promise<Browser> {
  const userData = await mkdtemp(join(tmpdir(), 'lms-lifecycle-chromium-'));
  const context = await chromium.launchPersistentContext(userData, {
    executablePath,
    args: quiet,
    headless: true,
    viewport: { width: 1280, height: 900 },
  });
  context.setDefaultTimeout(60_000);
  return {
    page: context.pages()[0] ?? (await context.newPage()),
    close: async () => {
      await context.close();
      await rm(userData, { recursive: true, force: true });
    },
  };
}
