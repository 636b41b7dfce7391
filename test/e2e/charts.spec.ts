import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type * as Electron from 'electron';
import { createClock } from '../../src/host/clock';
import { openJournal } from '../../src/host/journal';
import { stateFolder } from '../../src/host/state-folder';
import { makeWorkerDir } from '../fixtures/worker-dir';
import type { Home } from './support/app';
import { expect, test } from './support/test';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const GB = 1024 ** 3;

const stateOf = (home: Home) => stateFolder({ XDG_STATE_HOME: home.stateHome });

/** A day of figures, one a minute: quiet but for one moment six hours ago, and none from twelve to ten hours ago. */
function recordDay(home: Home): { peakAt: number } {
  const journal = openJournal(stateOf(home), { warn: (message) => console.error(message) }, createClock());
  const now = Date.now();
  const peakAt = now - 6 * HOUR_MS;
  for (let at = now - 23 * HOUR_MS; at < now - MINUTE_MS; at += MINUTE_MS) {
    const ago = now - at;
    if (ago < 12 * HOUR_MS && ago > 10 * HOUR_MS) continue;
    const isPeak = at <= peakAt && peakAt < at + MINUTE_MS;
    journal.figures({
      ...{ at, instantRate: isPeak ? 37 : 0, trafficRate: isPeak ? 20 : 0 },
      ...{ idleTimeoutMs: 10_000, sinceTrafficMs: 20_000, memoryUsedBytes: 4 * GB },
      workersRssBytes: isPeak ? 3 * GB : GB,
      ...{ busy: 0, waiting: 0, wrong: 0 },
    });
  }
  journal.close();
  return { peakAt };
}

const chart = (page: Page, name: string) => page.getByRole('img', { name: new RegExp(`^${name}`) });
const range = (page: Page, name: string) => page.getByRole('radio', { name, exact: true });

test('the charts look back over what was recorded, with its peak and its gap', async ({ launch, home }) => {
  const { peakAt } = recordDay(home);
  makeWorkerDir(home.workers, 'worker-1', { heartbeat: { status: 'idle' } });
  const page = await (await launch({ args: ['--worker-dir', home.workers] })).page();
  await expect(range(page, '5 min')).toBeChecked();
  const traffic = chart(page, 'Traffic rate');
  await expect(traffic).toHaveAccessibleName(/at most 0\.00 in the last five minutes/);

  await page.getByText('24 h', { exact: true }).click();
  await expect(traffic).toHaveAccessibleName(/at most 37\.0 in the last 24 hours, at /);
  await expect(chart(page, 'Memory')).toHaveAccessibleName(/Workers at most 3\.0 GB in the last 24 hours, at /);
  await expect(traffic).toContainText(/(00|06|12|18):00/);
  await expect(page.getByText('Mean and peak of every 4 min')).toBeVisible();
  // Before the gap and behind it.
  const drawn = await chart(page, 'Memory').locator('.recharts-area-area').first().getAttribute('d');
  expect(drawn?.match(/M/g)?.length).toBeGreaterThan(1);

  const plot = await traffic.locator('.plot').boundingBox();
  if (!plot) throw new Error('the chart is not there');
  const share = 1 - (Date.now() - peakAt) / (24 * HOUR_MS);
  await page.mouse.move(plot.x + plot.width * share, plot.y + plot.height / 2);
  await expect(traffic).toContainText('at most 37.0 /s');

  const inGap = 1 - 11 / 24;
  await page.mouse.move(plot.x + plot.width * inGap, plot.y + plot.height / 2);
  await expect(traffic).toContainText('nothing recorded');

  await page.getByText('5 min', { exact: true }).click();
  await expect(traffic).toHaveAccessibleName(/in the last five minutes/);
  await expect(traffic).toContainText('now');
});

test('a click into a chart draws no frame around what was clicked', async ({ launch, home }) => {
  makeWorkerDir(home.workers, 'worker-1', { heartbeat: { status: 'idle' } });
  const page = await (await launch({ args: ['--worker-dir', home.workers] })).page();
  await chart(page, 'Heartbeat age').getByText('worker-1').click();
  const clicked = chart(page, 'Heartbeat age').locator(':focus');
  await expect(clicked).toHaveCSS('outline-style', 'none');
});

test('in a narrow window the range stands above the charts, and in no chart while there is height for that', async ({
  launch,
  home,
}) => {
  makeWorkerDir(home.workers, 'worker-1', { heartbeat: { status: 'idle' } });
  const app = await launch({ args: ['--worker-dir', home.workers] });
  const page = await app.page();
  const isAbove = async (height: number) => {
    const resize = ({ BrowserWindow }: typeof Electron, to: number) =>
      BrowserWindow.getAllWindows()[0]?.setContentSize(720, to);
    await app.electron.evaluate(resize, height);
    await expect.poll(() => page.evaluate(() => [innerWidth, innerHeight])).toEqual([720, height]);
    const [words, card] = [page.getByText('24 h', { exact: true }), chart(page, 'Traffic rate')];
    const [switched, charted] = [await words.boundingBox(), await card.boundingBox()];
    if (!switched || !charted) throw new Error('the charts are not there');
    return switched.y + switched.height <= charted.y + 1;
  };
  expect(await isAbove(700)).toBe(true);
  expect(await isAbove(480)).toBe(false);
});

test('the range is chosen with the keyboard, and what was recorded a moment ago is there', async ({ launch, home }) => {
  makeWorkerDir(home.workers, 'worker-1', { heartbeat: { status: 'idle' } });
  const page = await (await launch({ args: ['--worker-dir', home.workers] })).page();
  await range(page, '5 min').focus();
  await page.keyboard.press('ArrowRight');
  await expect(range(page, '1 h')).toBeChecked();
  await expect(chart(page, 'Memory').locator('.recharts-area-area').first()).toBeVisible({ timeout: 30_000 });
  await expect(chart(page, 'Traffic rate')).toHaveAccessibleName(/in the last hour/);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(range(page, '7 d')).toBeChecked();
  await expect(chart(page, 'Traffic rate')).toHaveAccessibleName(/in the last seven days/);
  // A range is no text: the keys of the window work on.
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox')).toBeFocused();
});

test('what cannot be kept or read is said in window and tray, until it can', async ({ launch, home }) => {
  test.setTimeout(180_000);
  const inTheWay = join(stateOf(home), 'history.db');
  mkdirSync(inTheWay, { recursive: true });
  makeWorkerDir(home.workers, 'worker-1', { heartbeat: { status: 'idle' } });
  const app = await launch({ args: ['--worker-dir', home.workers] });
  const page = await app.page();
  const tray = await app.tray();
  const notice = page.getByText(/^What happens cannot be kept \(.*history\.db is not a regular file\)/);
  await expect(notice).toBeVisible({ timeout: 30_000 });
  await expect.poll(() => tray.tooltip()).toContain('what happens cannot be kept');
  await page.getByText('24 h', { exact: true }).click();
  await expect(chart(page, 'Traffic rate')).toContainText('history.db is not a regular file');
  await expect(chart(page, 'Heartbeat age')).toContainText('worker-1');

  rmdirSync(inTheWay);
  await expect(notice).toBeHidden({ timeout: 90_000 });
  await expect.poll(() => tray.tooltip()).not.toContain('cannot be kept');
  await expect(chart(page, 'Traffic rate')).not.toContainText('history.db', { timeout: 30_000 });
});
