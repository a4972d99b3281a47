import { resolve } from 'node:path';
import type { Page } from 'playwright-core';

const checkout = resolve(import.meta.dirname, '../../..');
/** Pictures are kept only where that is asked for: test runs change no file. */
const wanted = process.env['UPDATE_SCREENSHOTS'] === '1';

/** Where pictures are taken: stack traces do not tell where on this machine the checkout lies. */
export async function preparePictures(page: Page): Promise<void> {
  if (!wanted) return;
  await page.route('**/api/v1/**', async (route) => {
    // The page asks for what comes next and waits; such a call may outlive the page.
    const response = await route.fetch().catch(() => null);
    if (response === null) return route.abort().catch(() => undefined);
    const body = (await response.text()).replaceAll(checkout, '/opt/lms-lifecycle');
    return route.fulfill({ response, body });
  });
}

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
