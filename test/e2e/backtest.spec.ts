import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { type Home, QUICK } from './support/app';
import { recordSilences } from './support/record';
import { expect, test } from './support/test';

const HOUR = 3_600_000;

function policyIn(home: Home): unknown {
  const path = join(home.userData, 'settings.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).endingPolicy : undefined;
}

/** Choose in the settings that stalled worker directories are ended. */
async function switchOn(page: Page) {
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('combobox', { name: 'Worker directories: what happens' }).selectOption('End it');
  return {
    shown: page.getByRole('region', { name: 'What this would have done so far' }),
    save: page.getByRole('button', { name: 'Save 1 change' }),
  };
}

const RULE = { 'worker-directory': { action: 'kill', afterSecs: 300, killGraceMs: 10_000 } };

test('automatic ending is switched on only once it was shown, and agreed to, whom it would have ended wrongly', async ({
  launch,
  home,
}) => {
  recordSilences(
    home,
    { workerName: 'came-back' },
    { workerId: 'w:2', workerName: 'never-did', end: 'gone' },
    { workerId: 'w:3', workerName: 'a-bench', source: 'workbench', clock: 'run_time', lengthMs: 3 * HOUR },
  );
  const app = await launch({ args: ['--worker-dir', home.workers] });
  const page = await app.page();
  const { shown, save } = await switchOn(page);
  await expect(shown).toContainText('2 ends would have been made, 1 wrongly: it went on or ended well; 1 rightly');
  await expect(shown).toContainText('Worker directories after 5 min');
  await expect(shown.getByRole('row', { name: 'came-back' })).toContainText('went on by itself 40 s later');
  await expect(shown).not.toContainText('a-bench');
  await expect(shown.getByRole('list', { name: 'What cannot be told' })).toContainText('is recorded');

  await save.click();
  await expect(page.getByText('Not saved yet: tick that workers may be ended all the same')).toBeVisible();
  const consent = shown.getByRole('checkbox');
  await expect(consent).toBeFocused();
  expect(policyIn(home)).toBeUndefined();

  // Whoever changes what is ended has agreed to nothing yet.
  await consent.check();
  await page.getByRole('textbox', { name: 'Worker directories: after, in seconds' }).fill('250');
  await expect(shown).toContainText('Worker directories after 4 min 10 s');
  await expect(consent).not.toBeChecked();
  await page.getByRole('textbox', { name: 'Worker directories: after, in seconds' }).fill('300');
  await consent.check();
  await save.click();
  await expect(page.getByText('Saved; in force now.')).toBeVisible();
  await expect(shown).toBeHidden();
  expect(policyIn(home)).toEqual(RULE);
});

test('where nothing was recorded it says so, and saves without more ado', async ({ launch, home }) => {
  const app = await launch({ args: ['--worker-dir', home.workers] });
  const page = await app.page();
  const { shown, save } = await switchOn(page);
  await expect(shown).toContainText(/Nothing (is recorded yet|would have been ended)/);
  await expect(shown.getByRole('checkbox')).toBeHidden();
  await save.click();
  await expect(page.getByText('Saved; in force now.')).toBeVisible();
  expect(policyIn(home)).toEqual(RULE);
});

test('what the app itself saw of a worker that fell silent and came back is what it shows', async ({
  launch,
  home,
  startAgent,
}) => {
  const agent = startAgent('dozed');
  agent.beat({ status: 'working' });
  const quick = [...QUICK, '--policy-check-interval-ms', '1000'];
  const app = await launch({ args: ['--worker-dir', home.workers, ...quick] });
  const page = await app.page();
  const state = page.getByRole('row', { name: 'dozed' });
  await expect(state).toContainText('stalled');
  await expect(state).toContainText(/No sign of life for [6-9] s/, { timeout: 30_000 });
  agent.beat({ status: 'working' }, 200);
  await expect(state).not.toContainText('stalled');

  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('combobox', { name: 'Worker directories: what happens' }).selectOption('End it');
  await page.getByRole('textbox', { name: 'Worker directories: after, in seconds' }).fill('0');
  const shown = page.getByRole('region', { name: 'What this would have done so far' });
  await expect(shown.getByRole('row', { name: 'dozed' })).toContainText(
    /would have been ended after 3 s, and went on by itself \d+ s later/,
  );
});
