import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { type Demo, startDemo } from '../../src/host/demo-scene';
import { type App, ROOT } from '../e2e/support/app';
import { test as base, expect } from '../e2e/support/test';

/** The pictures of the README and the documents; the others are for looking at. */
const DOCUMENTS = join(ROOT, 'docs', 'images');
const OTHERS = join(ROOT, 'out', 'screenshots');
const SIZES = { wide: [1440, 900], narrow: [720, 480] } as const;
const THEMES = ['light', 'dark'] as const;
/** Until the charts have a history to show. */
const HISTORY_MS = 100_000;

const test = base.extend<{ demo: Demo }>({
  demo: async ({ home }, use) => {
    // Command lines are in the pictures: the checkout's own path is of no interest there.
    const scriptPath = join(home.path, 'demo.js');
    symlinkSync(join(ROOT, 'out', 'demo', 'index.js'), scriptPath);
    const demo = await startDemo({ execPath: process.execPath, scriptPath });
    await use(demo);
    await demo.stop();
  },
});

async function show(app: App, page: Page, theme: 'light' | 'dark', size: keyof typeof SIZES): Promise<void> {
  const [width, height] = SIZES[size];
  await page.emulateMedia({ colorScheme: theme });
  await app.electron.evaluate(
    ({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]?.setContentSize(to.width, to.height),
    { width, height },
  );
  await expect.poll(() => page.evaluate(() => [innerWidth, innerHeight])).toEqual([width, height]);
  await expect.poll(() => page.evaluate(chartsFit), { message: 'charts as wide as their room' }).toBe(true);
}

/** In the page: the charts follow a new size a moment later. */
function chartsFit(): boolean {
  return [...document.querySelectorAll('.recharts-responsive-container')].every(
    (room) => Math.abs((room.querySelector('svg')?.clientWidth ?? 0) - room.clientWidth) <= 1,
  );
}

async function openPanel(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
  await expect(page.getByRole('complementary', { name })).toContainText('Evidence');
}

/** One picture in both themes. */
async function take(app: App, page: Page, name: string, size: keyof typeof SIZES, folder = OTHERS): Promise<void> {
  for (const theme of THEMES) {
    await show(app, page, theme, size);
    await page.screenshot({ path: join(folder, `${name}-${theme}.png`) });
  }
}

test('the empty window', async ({ launch }) => {
  const app = await launch();
  await take(app, await app.page(), 'empty', 'wide');
});

test('the window on a scene of demo workers', async ({ launch, demo }) => {
  const app = await launch({ args: ['--worker-dir', demo.directory] });
  const page = await app.page();
  const startedAt = Date.now();
  await expect(page.getByRole('button', { name: 'Kill stubborn' })).toBeVisible();
  await expect.poll(() => Date.now() - startedAt, { timeout: HISTORY_MS * 2 }).toBeGreaterThan(HISTORY_MS);

  await openPanel(page, 'stalls');
  await take(app, page, 'window', 'wide', DOCUMENTS);
  await page.getByRole('button', { name: 'Close the panel' }).click();
  await take(app, page, 'window-narrow', 'narrow', DOCUMENTS);
  await openPanel(page, 'stalls');
  await take(app, page, 'panel-narrow', 'narrow');
  await page.getByRole('button', { name: 'Close the panel' }).click();

  await page.getByRole('button', { name: 'Settings' }).click();
  await take(app, page, 'settings', 'wide');
  await page.getByRole('button', { name: 'Close', exact: true }).click();

  await page.getByRole('button', { name: 'Kill stubborn' }).click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog.getByRole('button', { name: 'End 3 processes' })).toBeEnabled();
  await take(app, page, 'kill', 'wide', DOCUMENTS);
  await dialog.getByRole('button', { name: 'End 3 processes' }).click();
  await expect(page.getByRole('alertdialog', { name: 'stubborn has ended' })).toBeVisible();
  await take(app, page, 'receipt', 'wide');
});
