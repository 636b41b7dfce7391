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

test('a change on the settings page takes effect at once and is kept', async ({ launch, home, startAgent }) => {
  startAgent('worker-1').beat({ status: 'working' });
  putSettings(home, { startupGraceMs: 500 });
  const app = await launch({ args: ['--worker-dir', home.workers] });
  const page = await app.page();
  await expect(row(page, 'worker-1')).toContainText('busy');

  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('textbox', { name: 'Heartbeat missing after' }).fill('1');
  await page.getByRole('button', { name: 'Save 1 change' }).click();
  await expect(page.getByText('Saved; in force now.')).toBeVisible();
  await page.getByRole('button', { name: 'Close' }).click();
  await expect(row(page, 'worker-1')).toContainText('stalled');
  expect(settingsIn(home)).toEqual({ startupGraceMs: 500, heartbeat_missing_secs: 1 });
});

test('a wrong value is named with what is allowed, and nothing is saved', async ({ launch, home }) => {
  putSettings(home, { killGraceMs: 700 });
  const app = await launch();
  const page = await app.page();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('textbox', { name: 'Heartbeat missing after' }).fill('0');
  await page.getByRole('textbox', { name: 'Kill grace', exact: true }).fill('900');
  await page.getByRole('button', { name: 'Save 2 changes' }).click();
  await expect(page.getByRole('alert')).toHaveText(
    'settings page: heartbeat_missing_secs is 0; allowed is a number from 1 to 86400 (s)',
  );
  expect(settingsIn(home)).toEqual({ killGraceMs: 700 });
});

test('a file edited by hand takes effect; a wrong one is named while the last good settings hold', async ({
  launch,
  home,
  startAgent,
}) => {
  putSettings(home, { heartbeat_missing_secs: 86_000, startupGraceMs: 500 });
  startAgent('worker-1').beat({ status: 'working' });
  const app = await launch({ args: ['--worker-dir', home.workers] });
  const page = await app.page();
  await expect(row(page, 'worker-1')).toContainText('busy');
  await page.getByRole('button', { name: 'Settings' }).click();
  const field = page.getByRole('textbox', { name: 'Heartbeat missing after' });
  await expect(field).toHaveValue('86000');

  putSettings(home, { heartbeat_missing_secs: 'soon', startupGraceMs: 500 });
  await expect(
    page
      .getByRole('dialog')
      .getByText('settings.json: heartbeat_missing_secs is "soon"; allowed is a number from 1 to 86400 (s)'),
  ).toBeVisible();
  await expect(field).toHaveValue('86000');

  putSettings(home, { heartbeat_missing_secs: 1, startupGraceMs: 500 });
  await expect(page.getByText('is "soon"')).toHaveCount(0);
  await expect(field).toHaveValue('1');
  await page.getByRole('button', { name: 'Close' }).click();
  await expect(row(page, 'worker-1')).toContainText('stalled');
});

test('what an option sets is shown as such and cannot be changed here', async ({ launch, home }) => {
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  const page = await app.page();
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('textbox', { name: 'Heartbeat missing after' })).toHaveValue('2');
  await expect(page.getByRole('textbox', { name: 'Heartbeat missing after' })).toBeDisabled();
  await expect(page.getByRole('textbox', { name: 'Sweep interval' })).toBeEnabled();
});

test('the environment sets what the file does not outrank', async ({ launch, home }) => {
  putSettings(home, { killGraceMs: 700, heartbeat_missing_secs: 77 });
  const app = await launch({ env: { killGraceMs: '800' } });
  const page = await app.page();
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('textbox', { name: 'Kill grace', exact: true })).toHaveValue('800');
  await expect(page.getByRole('textbox', { name: 'Heartbeat missing after' })).toHaveValue('77');
});

test('each group is a click away and says where its door is open; a limit may be none', async ({ launch, home }) => {
  putSettings(home, { gatewayEnabled: true });
  const page = await (await launch()).page();
  // The gateway has no upstream to pass anything to.
  await expect(page.locator('.notice', { hasText: 'The model gateway is on but has no upstream' })).toBeVisible();
  await page.getByRole('button', { name: 'Settings' }).click();
  const groups = page.getByRole('navigation', { name: 'Groups of settings' });
  const api = page.getByRole('group', { name: 'Local API' });
  await expect(api).not.toBeInViewport();
  await groups.getByRole('button', { name: 'Local API' }).click();
  await expect(api).toBeInViewport();
  await expect(api).toBeFocused();
  await expect(groups.locator('[aria-current]')).toHaveText('Local API');
  await expect(api).toContainText(/Open at http:\/\/127\.0\.0\.1:\d+/);

  await page.getByRole('textbox', { name: 'Requests a minute, in all' }).fill('');
  await page.getByRole('button', { name: 'Save 1 change' }).click();
  await expect(page.getByText('Saved; in force now.')).toBeVisible();
  expect(settingsIn(home)).toEqual({ gatewayEnabled: true, gatewayRequestsPerMinute: null });
});
