import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeWorkerDir } from '../../fixtures/worker-dir';
import { isRunning } from '../support/processes';
import { expect, openWindow, setHidden, test } from './support/test';

test('what a worker writes shows by itself', async ({ page, serve, home, startAgent }) => {
  const agent = startAgent('writes');
  agent.beat({ status: 'idle' }, 300);
  await openWindow(page, serve());
  const row = page.getByRole('row', { name: 'writes' });
  await expect(row).toContainText('ready');
  appendFileSync(join(home.workers, 'writes', 'inbox.jsonl'), `${JSON.stringify({ id: 'task-1' })}\n`);
  agent.beat({ status: 'working', message: 'reading the brief' }, 300);
  await expect(row).toContainText('busy');
  makeWorkerDir(home.workers, 'new', { heartbeat: { status: 'waiting', message: 'May I?' } });
  await expect(page.getByRole('row', { name: 'new' })).toContainText('waiting');
});

test('a stalled worker is ended from the page, and its neighbours live', async ({ page, serve, startAgent }) => {
  const neighbours = ['worker-1', 'worker-3'].map((name) => startAgent(name));
  for (const neighbour of neighbours) neighbour.beat({ status: 'idle' }, 300);
  const agent = startAgent('worker-2', { children: 1 });
  agent.beat({ status: 'working' });
  const served = serve();
  await openWindow(page, served);
  await page.getByRole('button', { name: 'Kill worker-2' }).click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog.getByRole('button', { name: 'End 2 processes' })).toBeEnabled();
  const pids = (await dialog.locator('tbody tr td:first-child').allTextContents()).map(Number);
  expect(pids[0]).toBe(agent.pid);
  expect(pids.filter(isRunning)).toEqual(pids);
  await dialog.getByRole('button', { name: 'End 2 processes' }).click();
  await expect(page.getByRole('alertdialog', { name: 'worker-2 has ended' })).toBeVisible();
  await expect(dialog.getByRole('cell', { name: 'ended', exact: true })).toHaveCount(2);
  expect(pids.filter(isRunning)).toEqual([]);
  expect(neighbours.map(({ hasEnded }) => hasEnded)).toEqual([false, false]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('row', { name: 'worker-1' })).toContainText('ready');
});

test('two windows look at different workers, each at its own', async ({ page, serve, context, home }) => {
  for (const name of ['one', 'two']) {
    makeWorkerDir(home.workers, name, {
      heartbeat: { status: 'waiting', message: 'May I?' },
      log: [`the log of ${name}`],
    });
  }
  await openWindow(page, serve());
  const other = await context.newPage();
  await other.goto(page.url());
  const windows = { one: page, two: other };
  for (const [name, window] of Object.entries(windows)) {
    await window.getByRole('button', { name, exact: true }).click();
    await expect(window.getByRole('complementary', { name })).toContainText(`the log of ${name}`);
  }
  for (const [name, window] of Object.entries(windows)) {
    appendFileSync(join(home.workers, name, 'worker.log'), `${name} goes on\n`);
    await expect(window.getByRole('complementary', { name })).toContainText(`${name} goes on`);
    await expect(window.getByRole('complementary')).toHaveCount(1);
  }
});

test('the page goes on by itself after the server was away', async ({ page, serve, startAgent }) => {
  const agent = startAgent('works');
  agent.beat({ status: 'idle' }, 300);
  const first = serve();
  const port = await first.port();
  await openWindow(page, first);
  const row = page.getByRole('row').filter({ has: page.getByRole('button', { name: 'works', exact: true }) });
  await row.getByRole('button', { name: 'works', exact: true }).click();
  await expect(page.getByRole('complementary', { name: 'works' })).toContainText('Evidence');
  await first.stop();
  await expect(page.getByRole('alert')).toContainText('The connection is lost');
  await expect(page.getByText('Not connected')).toBeVisible();
  await expect(row).toContainText('ready');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('Watching was not paused: no answer came from idlewatch')).toBeVisible();
  await page.getByRole('button', { name: 'Dismiss' }).click();

  agent.beat({ status: 'working' }, 300);
  await serve([], port).port();
  await expect(row).toContainText('busy');
  await expect(page.getByRole('alert')).toBeHidden();
  await expect(page.getByText('Not connected')).toBeHidden();
  await expect(page.getByRole('complementary', { name: 'works' })).toContainText('Evidence');
});

test('a worker is snoozed, the charts look back, and what is left over is shown', async ({ page, serve, home }) => {
  makeWorkerDir(home.workers, 'asks', { heartbeat: { status: 'waiting', message: 'May I?' } });
  await openWindow(page, serve());
  await page.getByRole('button', { name: 'asks', exact: true }).click();
  await page.getByRole('button', { name: 'Snooze' }).click();
  await page.getByRole('menuitem', { name: 'For 1 hour' }).click();
  await expect(page.getByRole('row', { name: 'asks' })).toContainText('snoozed');
  const recorded = page.waitForResponse(/\/api\/desk\/history\.points$/);
  await page.getByText('24 h', { exact: true }).click();
  expect((await (await recorded).json()).value).toMatchObject({ ok: true });
  await expect(page.getByRole('radio', { name: '24 h' })).toBeChecked();
  await page.getByRole('button', { name: 'Clean up…' }).click();
  await expect(page.getByRole('dialog', { name: 'Clean up' })).toContainText('Nothing is left over');
});

test('settings are changed, and a wrong one is refused in words', async ({ page, serve, context }) => {
  await openWindow(page, serve());
  await page.getByRole('button', { name: 'Settings' }).click();
  const staleAfter = page.getByRole('textbox', { name: 'Session stale after' });
  await staleAfter.fill('0');
  await page.getByRole('button', { name: 'Save 1 change' }).click();
  await expect(page.getByRole('alert')).toContainText('session_stale_secs is 0; allowed is');
  await staleAfter.fill('77');
  await page.getByRole('button', { name: 'Save 1 change' }).click();
  await expect(page.getByText('Saved; in force now.')).toBeVisible();

  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByRole('button', { name: 'Settings' }).click();
  await expect(other.getByRole('textbox', { name: 'Session stale after' })).toHaveValue('77');
});

test('a directory is added by its path', async ({ page, serve, home }) => {
  const elsewhere = join(home.path, 'elsewhere');
  mkdirSync(elsewhere);
  makeWorkerDir(elsewhere, 'found', { heartbeat: { status: 'waiting', message: 'May I?' } });
  await openWindow(page, serve());
  await page.getByRole('button', { name: 'Add directory…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add directory' });
  await expect(dialog.getByLabel('Path')).toBeFocused();
  await dialog.getByLabel('Path').fill('not/absolute');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toContainText('not/absolute');
  await dialog.getByLabel('Path').fill(elsewhere);
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('row', { name: 'found' })).toContainText('waiting');
});

test('what only a desktop can do is not offered', async ({ page, serve, home }) => {
  const directory = makeWorkerDir(home.workers, 'asks', { heartbeat: { status: 'waiting' }, log: ['a line'] });
  await openWindow(page, serve());
  await page.getByRole('button', { name: 'asks', exact: true }).click();
  const panel = page.getByRole('complementary', { name: 'asks' });
  await expect(panel).toContainText('a line');
  await expect(panel.getByRole('button', { name: /^Open/ })).toHaveCount(0);
  await panel.getByRole('button', { name: 'Copy id' }).click();
  await expect(panel.getByText('Copied')).toBeAttached();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`worker-directory:${directory}`);
});

test('nothing is asked while nobody sees the page', async ({ page, serve, home }) => {
  makeWorkerDir(home.workers, 'old', { heartbeat: { status: 'waiting' } });
  const served = serve();
  await openWindow(page, served);
  await expect(page.getByRole('row', { name: 'old' })).toBeVisible();
  const streams = async () => {
    const metrics = await (await served.ask('/metrics')).text();
    return Number(/^idlewatch_api_streams (\d+)/m.exec(metrics)?.[1]);
  };
  await expect.poll(streams).toBe(1);
  await setHidden(page, true);
  await expect.poll(streams).toBe(0);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  makeWorkerDir(home.workers, 'new', { heartbeat: { status: 'waiting' } });
  expect(asked).toEqual([]);
  await setHidden(page, false);
  await expect(page.getByRole('row', { name: 'new' })).toBeVisible();
});
