import { resolve } from 'node:path';
import type { Page } from 'playwright-core';

const checkout = resolve(import.meta.dirname, '../../..');
/** Pictures are kept only where that is asked for: test runs change no file. */
const wanted = process.env['UPDATE_SCREENSHOTS'] === '1';

/** Keeps the page as a picture for docs/temporal-ui.md. */
export async function shoot(page: Page, name: string, height: number): Promise<void> {
  if (!wanted) return;
  await page.setViewportSize({ width: 1280, height });
  await page.mouse.move(700, 5);
  await page.getByRole('log').getByRole('button').first().waitFor({ state: 'hidden' });
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: resolve(checkout, 'docs/images', `${name}.png`) });
  await page.setViewportSize({ width: 1280, height: 900 });
}
