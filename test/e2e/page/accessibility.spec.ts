import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import { makeWorkerDir } from '../../fixtures/worker-dir';
import { expect, giveToken, openWindow, test } from './support/test';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** In words, every rule of axe that the page breaks. */
async function violations(page: Page): Promise<string[]> {
  // The debugger's evaluation is not subject to the page's policy.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const { violations: broken } = await axe.run(document);
    return broken.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
  });
}

/** Whether everything is within the window: nothing has to be scrolled sideways to. */
const fits = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [width, height] of [
    [1440, 900],
    [720, 480],
  ] as const) {
    test.describe(`${colorScheme}, ${width}×${height}`, () => {
      test.use({ colorScheme, viewport: { width, height } });

      test('axe finds nothing wrong', async ({ page, serve, startAgent, home }) => {
        startAgent('hangs').beat({ status: 'working', message: 'reading' });
        startAgent('works').beat({ status: 'working' }, 300);
        makeWorkerDir(home.workers, 'asks', { heartbeat: { status: 'waiting', message: 'May I?' }, log: ['a', 'b'] });
        const served = serve();
        await page.goto(`http://127.0.0.1:${await served.port()}/`);
        await expect(page.getByLabel('Token')).toBeFocused();
        expect(await violations(page), 'the sign-in').toEqual([]);
        await giveToken(page, 'wrong');
        await expect(page.getByRole('alert')).not.toBeEmpty();
        expect(await violations(page), 'the sign-in refused').toEqual([]);
        expect(await fits(page)).toBe(true);

        await openWindow(page, served);
        await expect(page.getByRole('row', { name: 'hangs' })).toContainText('stalled');
        expect(await violations(page), 'the table').toEqual([]);
        expect(await fits(page)).toBe(true);
        await page.getByRole('button', { name: 'hangs', exact: true }).click();
        await expect(page.getByRole('complementary', { name: 'hangs' })).toContainText('Evidence');
        expect(await violations(page), 'with the panel').toEqual([]);
        await page.keyboard.press('k');
        await expect(page.getByRole('alertdialog').getByRole('button', { name: 'End 1 process' })).toBeEnabled();
        expect(await violations(page), 'with the question').toEqual([]);
        await page.keyboard.press('Escape');

        await page.getByRole('button', { name: /^Add/ }).click();
        await page.getByLabel('Path').fill('not/whole');
        await page.keyboard.press('Enter');
        await expect(page.getByRole('dialog').getByRole('alert')).not.toBeEmpty();
        expect(await violations(page), 'with the question for a directory').toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Settings' }).click();
        await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
        expect(await violations(page), 'with the settings').toEqual([]);
        await page.keyboard.press('Escape');

        await served.stop();
        await expect(page.getByRole('alert')).toContainText('The connection is lost');
        expect(await violations(page), 'with the connection lost').toEqual([]);
        expect(await fits(page)).toBe(true);
      });
    });
  }
}
