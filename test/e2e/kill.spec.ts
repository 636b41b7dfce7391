import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Locator, Page } from '@playwright/test';
import type { AuditEntry } from '../../src/engine/ports';
import { openRegistry } from '../../src/host/registry';
import { processesNaming } from '../integration/support/worker-directory';
import { type Home, QUICK, ROOT } from './support/app';
import { isRunning } from './support/processes';
import { expect, test } from './support/test';

/** What the app wrote into its audit log, oldest first. */
function auditEntries(home: Home): AuditEntry[] {
  const { audit, close } = openRegistry(join(home.stateHome, 'idlewatch'), { warn: console.error });
  try {
    return audit.entries(100);
  } finally {
    close();
  }
}

const dialogOf = (page: Page): Locator => page.getByRole('alertdialog');

/** The pids in the dialog's table. */
async function pidsIn(dialog: Locator): Promise<number[]> {
  const cells = await dialog.locator('tbody tr td:first-child').allTextContents();
  return cells.map(Number);
}

test('a stalled worker is ended through the dialog while its neighbours live', async ({
  launch,
  home,
  desktop,
  startAgent,
}) => {
  const before = startAgent('worker-1');
  before.beat({ status: 'idle' }, 200);
  const agent = startAgent('worker-2', { children: 1 });
  agent.beat({ status: 'working' });
  const stalledToo = startAgent('worker-3');
  stalledToo.beat({ status: 'working' });
  const app = await launch({ args: ['--worker-dir', home.workers, '--announce-again-after-ms', '0', ...QUICK] });
  const page = await app.page();

  const toldOf = (name: string) =>
    desktop.notifications.filter((each) => `${each.summary} ${each.body}`.includes(name));
  await expect.poll(() => [toldOf('worker-2').length, toldOf('worker-3').length]).toEqual([1, 1]);

  await page.getByRole('button', { name: 'Kill worker-2' }).click();
  const dialog = dialogOf(page);
  await expect(dialog.getByRole('button', { name: 'End 2 processes' })).toBeEnabled();
  const pids = await pidsIn(dialog);
  expect(pids[0]).toBe(agent.pid);
  expect(pids.filter(isRunning)).toEqual(pids);
  await expect(dialog).toContainText('agent.mjs');

  await dialog.getByRole('button', { name: 'End 2 processes' }).click();
  await expect(page.getByRole('alertdialog', { name: 'worker-2 has ended' })).toBeVisible();
  await expect(dialog.getByText(/worker-2 has ended: 2 processes in \d+(\.\d)? s/)).toBeVisible();
  await expect(dialog.getByRole('cell', { name: 'ended', exact: true })).toHaveCount(2);
  expect(pids.filter(isRunning)).toEqual([]);
  expect(agent.endedBy).toBe('SIGTERM');
  expect([before.hasEnded, stalledToo.hasEnded]).toEqual([false, false]);

  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('button', { name: 'Kill worker-2' })).toBeHidden();
  await expect(page.getByRole('button', { name: 'Kill worker-3' })).toBeVisible();

  // That worker-2 is gone now is no news to the person who ended it.
  await expect(page.getByRole('row', { name: 'worker-2' })).toContainText('Ended from idlewatch');
  stalledToo.beat({ status: 'working' });
  await expect.poll(() => toldOf('worker-3').length).toBe(2);
  expect(toldOf('worker-2')).toHaveLength(1);
});

test('one that ignores SIGTERM, and its children, are ended after the grace period', async ({
  launch,
  home,
  startAgent,
}) => {
  const agent = startAgent('stubborn', { children: 2, ignoreSigterm: true });
  agent.beat({ status: 'working' });
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  const page = await app.page();
  await page.getByRole('button', { name: 'Kill stubborn' }).click();
  const dialog = dialogOf(page);
  await expect(dialog.getByRole('button', { name: 'End 3 processes' })).toBeEnabled();
  const pids = await pidsIn(dialog);
  await dialog.getByRole('button', { name: 'End 3 processes' }).click();
  await expect(page.getByRole('alertdialog', { name: 'stubborn has ended' })).toBeVisible();
  // Its children end with it, or by SIGKILL where that comes first.
  await expect(dialog.getByText(/SIGTERM after .* SIGKILL after/).first()).toBeVisible();
  expect(pids).toHaveLength(3);
  expect(pids.filter(isRunning)).toEqual([]);
  expect(agent.endedBy).toBe('SIGKILL');
});

test('a stalled demo worker and its children are ended, and no other demo worker', async ({ launch, demo }) => {
  const neighbours = () =>
    ['steady', 'bursty', 'busy-silent', 'waiting', 'stalls'].map((name) =>
      processesNaming(join(demo.directory, 'workers', name)),
    );
  const thresholds = ['--heartbeat-missing-secs', '3', '--kill-grace-ms', '500'];
  const app = await launch({ args: ['--worker-dir', demo.directory, ...thresholds] });
  const page = await app.page();
  await page.getByRole('button', { name: 'Kill stubborn' }).click();
  const dialog = dialogOf(page);
  await expect(dialog.getByRole('button', { name: 'End 3 processes' })).toBeEnabled();
  const pids = await pidsIn(dialog);
  const before = neighbours();
  await dialog.getByRole('button', { name: 'End 3 processes' }).click();
  await expect(page.getByRole('alertdialog', { name: 'stubborn has ended' })).toBeVisible();
  expect(pids.filter(isRunning)).toEqual([]);
  expect(before.map((found) => found.length)).toEqual([1, 1, 1, 1, 1]);
  expect(neighbours()).toEqual(before);
});

test('Cancel is the default, and it and Escape signal nothing', async ({ launch, home, startAgent }) => {
  const agent = startAgent('worker-2');
  agent.beat({ status: 'working' });
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  const page = await app.page();
  for (const key of ['Enter', 'Escape']) {
    await page.getByRole('button', { name: 'Kill worker-2' }).click();
    const dialog = dialogOf(page);
    await expect(dialog.getByRole('button', { name: 'End 1 process' })).toBeEnabled();
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await page.keyboard.press(key);
    await expect(dialog).toBeHidden();
  }
  expect(isRunning(agent.pid)).toBe(true);
  // What is carried out is kept in the audit log first; nothing was.
  expect(auditEntries(home)).toEqual([]);
});

test('what the tray asked for is kept as asked by the tray', async ({ launch, home, startAgent }) => {
  const agent = startAgent('worker-2');
  agent.beat({ status: 'working' });
  const app = await launch({ hidden: true, args: ['--worker-dir', home.workers, ...QUICK] });
  const tray = await app.tray();
  await expect.poll(() => tray.tooltip()).toContain('stalled');
  await tray.choose('worker-2 – stalled', 'Kill…');
  const page = await app.page();
  await dialogOf(page).getByRole('button', { name: 'End 1 process' }).click();
  await expect(page.getByRole('alertdialog', { name: 'worker-2 has ended' })).toBeVisible();
  const entries = auditEntries(home);
  expect(entries.map(({ kind }) => kind)).toEqual(['kill_intent', 'kill_outcome']);
  expect(entries[0]).toMatchObject({ askedBy: 'tray', workerName: 'worker-2' });
  expect(isRunning(agent.pid)).toBe(false);
});

test('a process that is not the worker’s own is shown as not verified and cannot be ended', async ({
  launch,
  home,
  startAgent,
}) => {
  const bystander = startAgent('bystander');
  bystander.beat({ status: 'idle' }, 200);
  startAgent('liar').beat({ status: 'working', pid: process.pid });
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  const page = await app.page();
  await page.getByRole('button', { name: 'liar', exact: true }).click();
  const panel = page.getByRole('complementary', { name: 'liar' });
  await expect(panel).toContainText('not verified');
  await expect(panel.getByText(/^(Stalled|Dead) since/)).toBeVisible();
  await expect(panel.getByRole('button', { name: 'Kill…' })).toBeHidden();
  await expect(page.getByRole('button', { name: 'Kill liar' })).toBeHidden();
});

test('what is ended from the command line is no news in the window, nor after a new start', async ({
  launch,
  home,
  desktop,
  bus,
  startAgent,
}) => {
  startAgent('worker-1').beat({ status: 'idle' }, 200);
  const agent = startAgent('worker-2');
  agent.beat({ status: 'working' });
  const args = ['--worker-dir', home.workers, ...QUICK];
  const app = await launch({ args });
  const page = await app.page();
  const row = page.getByRole('row', { name: 'worker-2' });
  await expect(row).toContainText('stalled');

  const cli = [join(ROOT, 'out/cli/index.js'), 'kill', 'worker-2', '--yes', '--worker-dir', home.workers];
  await promisify(execFile)(process.execPath, cli, { env: home.environment(bus.address) });
  expect(agent.hasEnded).toBe(true);
  await expect(row).toContainText('Ended from idlewatch', { timeout: 15_000 });
  // Once, by what came of it.
  const events = page.getByRole('region', { name: 'Events' }).getByRole('listitem');
  await expect(events.filter({ hasText: 'worker-2 has ended' })).toHaveCount(1);
  await expect(events.filter({ hasText: 'to be ended' })).toHaveCount(0);
  expect(desktop.notifications.map(({ summary }) => summary)).not.toContain('worker-2 is dead');
  await app.close();

  const again = await launch({ args });
  await expect((await again.page()).getByRole('row', { name: 'worker-2' })).toContainText('Ended from idlewatch');
  expect(desktop.notifications.map(({ summary }) => summary)).not.toContain('worker-2 is dead');
});
