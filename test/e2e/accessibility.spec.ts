import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { makeWorkerDir } from '../fixtures/worker-dir';
import { type App, type Home, QUICK } from './support/app';
import { recordSilences } from './support/record';
import { Rollouts } from './support/rollouts';
import { test as base, expect } from './support/test';
import { Workbenches } from './support/workbenches';

const test = base.extend<{ rollouts: Rollouts }>({
  rollouts: async ({ home }, use) => {
    const rollouts = new Rollouts(home);
    await use(rollouts);
    rollouts.stop();
  },
});

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

function putSettings(home: Home, settings: object): void {
  mkdirSync(home.userData, { recursive: true });
  writeFileSync(join(home.userData, 'settings.json'), JSON.stringify(settings));
}

async function resize(app: App, width: number, height: number): Promise<void> {
  await app.electron.evaluate(
    ({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height),
    { width, height },
  );
  const page = await app.page();
  await expect.poll(() => page.evaluate(() => [innerWidth, innerHeight])).toEqual([width, height]);
}

for (const theme of ['light', 'dark'] as const) {
  for (const [width, height] of [
    [1440, 900],
    [720, 480],
  ] as const) {
    test(`axe finds nothing wrong: ${theme}, ${width}×${height}`, async ({ launch, home, startAgent, rollouts }) => {
      const parent = await rollouts.begin('Port it');
      const child = await rollouts.begin('Test it', parent);
      child.event('task_started');
      parent.used(41_000);
      startAgent('hangs').beat({ status: 'working', message: 'reading' });
      startAgent('works').beat({ status: 'working' }, 300);
      makeWorkerDir(home.workers, 'asks', { heartbeat: { status: 'waiting', message: 'May I?' }, log: ['a', 'b'] });
      makeWorkerDir(home.workers, 'done', { heartbeat: { status: 'stopped' } });
      const workbenches = new Workbenches(home);
      workbenches.finished('audit');
      workbenches.finished('triage', 600);
      recordSilences(home, {}, { workerId: 'w:2', end: 'gone' }, { workerId: 'w:3', end: 'unknown' });
      putSettings(home, { endingPolicy: { workbench: { action: 'kill' } }, keepAlive: ['workbench:/gone'] });
      const app = await launch({
        args: ['--worker-dirs', home.workers, '--workbench-dirs', workbenches.directory, ...QUICK],
        env: { ...workbenches.environment, CODEX_HOME: join(home.path, '.codex') },
        colorScheme: theme,
      });
      const page = await app.page();
      await resize(app, width, height);
      await expect(page.getByRole('row', { name: 'hangs' })).toContainText('stalled');
      expect(await violations(page), 'the table').toEqual([]);

      await page.getByText('1 h', { exact: true }).click();
      await expect(page.getByRole('img', { name: /^Traffic rate.* in the last hour/ })).toBeVisible();
      expect(await violations(page), 'with an hour of history').toEqual([]);
      await page.getByText('5 min', { exact: true }).click();

      await page.getByLabel('Kinds of workers').selectOption('Codex sessions');
      await page.getByRole('button', { name: '1 sub-agent of Port it' }).click();
      await expect(page.getByRole('row', { name: /sub-agent Test it/ })).toBeVisible();
      expect(await violations(page), 'with sub-agents').toEqual([]);
      await page.getByLabel('Kinds of workers').selectOption('By kind');

      await page.getByRole('button', { name: 'hangs', exact: true }).click();
      await expect(page.getByRole('complementary', { name: 'hangs' })).toContainText('Evidence');
      await expect(page.getByRole('complementary').getByRole('img', { name: /^Last hour/ })).toBeVisible();
      expect(await violations(page), 'with the panel').toEqual([]);
      await page.getByRole('button', { name: 'Snooze' }).click();
      await expect(page.getByRole('menu')).toBeVisible();
      expect(await violations(page), 'with the menu').toEqual([]);
      await page.keyboard.press('Escape');

      await page.getByRole('complementary').getByRole('button', { name: 'Kill…' }).click();
      await expect(page.getByRole('alertdialog').getByRole('button', { name: 'End 1 process' })).toBeEnabled();
      expect(await violations(page), 'with the question').toEqual([]);
      await page.getByRole('alertdialog').getByRole('button', { name: 'End 1 process' }).click();
      await expect(page.getByRole('alertdialog', { name: 'hangs has ended' })).toBeVisible();
      expect(await violations(page), 'with the receipt').toEqual([]);
      await page.keyboard.press('Escape');

      await page.getByRole('button', { name: 'Clean up…' }).click();
      const cleanUp = page.getByRole('dialog', { name: 'Clean up' });
      await cleanUp.getByText('1 directory stays').click();
      expect(await violations(page), 'with what is left over').toEqual([]);
      await cleanUp.getByRole('button', { name: /^Remove 1 directory/ }).click();
      await expect(page.getByRole('dialog', { name: 'Cleaned up' })).toBeVisible();
      expect(await violations(page), 'with what was removed').toEqual([]);
      await page.keyboard.press('Escape');

      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('combobox', { name: 'Worker directories: what happens' }).selectOption('End it');
      const backtest = page.getByRole('region', { name: 'What this would have done so far' });
      await expect(backtest.getByRole('checkbox')).toBeVisible();
      await backtest.getByText('Ended rightly: 1').click();
      await backtest.scrollIntoViewIfNeeded();
      expect(await violations(page), 'with what automatic ending would have done').toEqual([]);
      await page.getByRole('button', { name: 'Close', exact: true }).click();

      writeFileSync(join(home.userData, 'settings.json'), '{');
      await expect(page.locator('.notice')).toBeVisible();
      await page.getByRole('button', { name: 'Settings' }).click();
      await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
      expect(await violations(page), 'with the settings').toEqual([]);
    });
  }

  test(`axe finds nothing wrong in the empty window: ${theme}`, async ({ launch }) => {
    const page = await (await launch({ colorScheme: theme })).page();
    await expect(page.getByRole('button', { name: 'Start demo workers' })).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}

test('everything can be done with the keyboard', async ({ launch, home, startAgent }) => {
  for (const name of ['a', 'b', 'c']) startAgent(name).beat({ status: 'idle' }, 300);
  const agent = startAgent('z-hangs');
  agent.beat({ status: 'working' });
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  const page = await app.page();
  const press = (key: string) => page.keyboard.press(key);
  await expect(page.getByRole('button', { name: 'Kill z-hangs' })).toBeVisible();

  await press('/');
  await expect(page.getByRole('searchbox')).toBeFocused();
  await press('ArrowDown');
  await expect(page.getByRole('button', { name: 'z-hangs', exact: true })).toBeFocused();
  await press('ArrowDown');
  await expect(page.getByRole('button', { name: 'a', exact: true })).toBeFocused();
  await press('End');
  await expect(page.getByRole('button', { name: 'c', exact: true })).toBeFocused();
  await press('Home');
  await press('Enter');
  await expect(page.getByRole('complementary', { name: 'z-hangs' })).toBeVisible();
  await press('ArrowDown');
  await expect(page.getByRole('complementary', { name: 'a' })).toBeVisible();
  await press('Home');

  await press('k');
  const dialog = page.getByRole('alertdialog');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  const end = dialog.getByRole('button', { name: 'End 1 process' });
  await expect(end).toBeEnabled();
  await expect(async () => {
    await press('Tab');
    await expect(end).toBeFocused({ timeout: 500 });
  }).toPass();
  await press('Enter');
  await expect(page.getByRole('alertdialog', { name: 'z-hangs has ended' })).toBeVisible();
  await press('Escape');
  await expect(dialog).toBeHidden();
  expect(agent.hasEnded).toBe(true);
  await press('Escape');
  await expect(page.getByRole('complementary')).toBeHidden();
});
