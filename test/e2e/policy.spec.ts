import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { type Home, QUICK } from './support/app';
import { expect, test } from './support/test';

const fileOf = (home: Home) => join(home.userData, 'settings.json');
const settingsIn = (home: Home) => JSON.parse(readFileSync(fileOf(home), 'utf8'));

function putSettings(home: Home, settings: object): void {
  mkdirSync(home.userData, { recursive: true });
  writeFileSync(fileOf(home), JSON.stringify(settings));
}

const row = (page: Page, name: string) => page.getByRole('row', { name });

test('what is marked keep-alive is kept in settings.json and known at the next start', async ({
  launch,
  home,
  startAgent,
}) => {
  startAgent('worker-1').beat({ status: 'idle' }, 200);
  startAgent('worker-2').beat({ status: 'idle' }, 200);
  const first = await launch({ args: ['--worker-dir', home.workers] });
  const page = await first.page();
  await page.getByRole('button', { name: 'worker-1', exact: true }).click();
  const toggle = page.getByRole('complementary').getByRole('button', { name: 'Keep alive' });
  await expect(toggle).toHaveAttribute('aria-pressed', 'false');
  await toggle.click();
  await expect(toggle).toHaveAttribute('aria-pressed', 'true');
  await expect(row(page, 'worker-1').getByTitle('Kept alive')).toBeVisible();
  await expect(row(page, 'worker-2').getByTitle('Kept alive')).toBeHidden();
  const [id, ...others] = settingsIn(home).keepAlive as string[];
  expect(others).toEqual([]);
  expect(id).toMatch(/^worker-directory:\/.*\/worker-1$/);
  await first.close();

  const second = await launch({ args: ['--worker-dir', home.workers] });
  const again = await second.page();
  await expect(row(again, 'worker-1').getByTitle('Kept alive')).toBeVisible();
  await again.getByRole('button', { name: 'Settings' }).click();
  await again.getByRole('button', { name: 'Remove worker-1' }).click();
  await again.getByRole('button', { name: 'Save 1 change' }).click();
  await expect(again.getByText('Saved; in force now.')).toBeVisible();
  await expect(row(again, 'worker-1').getByTitle('Kept alive')).toBeHidden();
  expect(settingsIn(home)).toEqual({});
});

test('the policy is set in its table; what is wrong in it is named and not saved', async ({ launch, home }) => {
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  const page = await app.page();
  await page.getByRole('button', { name: 'Settings' }).click();
  const after = page.getByRole('textbox', { name: 'Workbenches: after, in seconds' });
  const save = page.getByRole('button', { name: 'Save 1 change' });
  await expect(after).toBeDisabled();
  await page.getByRole('combobox', { name: 'Workbenches: what happens' }).selectOption('End it');
  await after.fill('soon');
  await save.click();
  await expect(page.getByRole('alert')).toContainText('endingPolicy.workbench.afterSecs is "soon"');
  await expect(after).toHaveAttribute('aria-invalid', 'true');
  await expect(after).toBeFocused();

  await after.fill('1,200');
  await save.click();
  await expect(page.getByText('Saved; in force now.')).toBeVisible();
  expect(settingsIn(home)).toEqual({
    endingPolicy: { workbench: { action: 'kill', afterSecs: 1200, killGraceMs: 10_000 } },
  });
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  const mark = page.getByRole('button', { name: 'Auto-end on' });
  await expect(mark).toHaveAttribute('title', /Workbenches are ended once stalled for 20 min/);

  await mark.click();
  await page.getByRole('button', { name: 'Reset What happens by itself to its default' }).click();
  await save.click();
  await expect(mark).toBeHidden();
  expect(settingsIn(home)).toEqual({});
});

test('many stalling at once stop automatic ending, told in window and tray, until a person allows it again', async ({
  launch,
  home,
  startAgent,
}) => {
  const rule = { action: 'kill', afterSecs: 3600, killGraceMs: 500 };
  putSettings(home, { endingPolicy: { 'worker-directory': rule }, policyCheckIntervalMs: 1000 });
  const agents = ['a', 'b', 'c', 'd'].map((name) => startAgent(name));
  for (const agent of agents) agent.beat({ status: 'working' });
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  const page = await app.page();
  const notice = page.getByRole('alert').filter({ hasText: 'Automatic ending stopped' });
  await expect(notice).toContainText(/\d of 4 running workers turned stalled/);
  await expect(page.getByRole('button', { name: 'Auto-end stopped' })).toBeVisible();
  const tray = await app.tray();
  const labels = async () => (await tray.menu()).map(({ label }) => label);
  await expect.poll(labels).toEqual(expect.arrayContaining(['Automatic ending stopped', 'Allow it again']));

  await notice.getByRole('button', { name: 'Allow it again' }).click();
  await expect(notice).toBeHidden();
  await expect(page.getByRole('button', { name: 'Auto-end on' })).toBeVisible();
  await expect.poll(labels).not.toContain('Automatic ending stopped');
  expect(agents.map((agent) => agent.hasEnded)).toEqual([false, false, false, false]);
});

test('a suggested end is offered in the row, the panel and the tray, and the person decides', async ({
  launch,
  home,
  startAgent,
}) => {
  putSettings(home, {
    endingPolicy: { 'worker-directory': { action: 'suggest', afterSecs: 0, killGraceMs: 500 } },
    policyCheckIntervalMs: 1000,
  });
  startAgent('fine').beat({ status: 'idle' }, 200);
  const agent = startAgent('hangs');
  agent.beat({ status: 'working' });
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  const page = await app.page();
  await expect(row(page, 'hangs')).toContainText('end suggested');
  const tray = await app.tray();
  await expect.poll(async () => (await tray.menu()).map(({ label }) => label)).toContain('Kill hangs… (suggested)');
  expect(agent.hasEnded).toBe(false);

  await page.getByRole('button', { name: 'hangs', exact: true }).click();
  await page.getByRole('region', { name: 'Suggestion' }).getByRole('button', { name: 'Kill…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'End 1 process' }).click();
  await expect(page.getByRole('alertdialog', { name: 'hangs has ended' })).toBeVisible();
  expect(agent.hasEnded).toBe(true);
});

test('a broken settings.json is told in the window', async ({ launch, home }) => {
  const app = await launch({ args: ['--worker-dir', home.workers] });
  const page = await app.page();
  mkdirSync(home.userData, { recursive: true });
  writeFileSync(fileOf(home), '{ "killGraceMs": ');
  const notice = page.locator('.notice', { hasText: 'settings.json' });
  await expect(notice).toBeVisible();
  await notice.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByRole('dialog', { name: 'Settings' })).toContainText('These values are not in force');
  putSettings(home, { killGraceMs: 700 });
  await expect(notice).toBeHidden();
});
