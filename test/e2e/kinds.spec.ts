import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWorkerDir } from '../fixtures/worker-dir';
import { type App, type Home, QUICK } from './support/app';
import { Rollouts } from './support/rollouts';
import { test as base, expect } from './support/test';
import { Workbenches } from './support/workbenches';

const test = base.extend<{ workbenches: Workbenches; rollouts: Rollouts }>({
  workbenches: async ({ home }, use) => {
    const workbenches = new Workbenches(home);
    await use(workbenches);
    workbenches.stop();
  },
  rollouts: async ({ home }, use) => {
    const rollouts = new Rollouts(home);
    await use(rollouts);
    rollouts.stop();
  },
});

/** Watch a home's worker directories and workbenches, and what is found without being named. */
const watching = (home: Home, workbenches: Workbenches) => ({
  args: ['--worker-dirs', home.workers, '--workbench-dirs', workbenches.directory, ...QUICK],
  env: { ...workbenches.environment, CODEX_HOME: `${home.path}/.codex` },
});

const clipboard = (app: App) => app.electron.evaluate((electron) => electron.clipboard.readText());

/** The paths the app has asked the system to open, from now on. */
async function openedPaths(app: App): Promise<() => Promise<string[]>> {
  await app.electron.evaluate(({ shell }) => {
    const opened: string[] = [];
    Object.assign(globalThis, { opened });
    shell.openPath = async (path) => {
      opened.push(path);
      return '';
    };
  });
  return () => app.electron.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
}

test('workers stand in groups by kind, which fold by mouse and by key', async ({
  launch,
  home,
  workbenches,
  startAgent,
}) => {
  startAgent('hangs').beat({ status: 'working' });
  startAgent('rests').beat({ status: 'idle' }, 200);
  workbenches.running('audit');
  const app = await launch(watching(home, workbenches));
  const page = await app.page();
  const table = page.getByRole('table', { name: 'Workers' });
  const directories = table.getByRole('rowheader', { name: /^Worker directories/ });
  await expect(directories).toContainText('1 stalled');
  await expect(directories).toContainText('1 ready');
  await expect(table.getByRole('rowheader', { name: /^Workbenches/ })).toContainText('1 ');
  await expect(table.getByRole('row')).toHaveCount(1 + 2 + 3);

  const group = table.getByRole('button', { name: /^Worker directories/ });
  await group.click();
  await expect(group).toHaveAttribute('aria-expanded', 'false');
  await expect(table.getByRole('row', { name: 'hangs' })).toBeHidden();
  await expect(directories, 'a folded group still counts').toContainText('1 stalled');

  await group.focus();
  await page.keyboard.press('ArrowRight');
  await expect(table.getByRole('row', { name: 'hangs' })).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(table.getByRole('button', { name: 'hangs', exact: true })).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await expect(group).toBeFocused();

  await page.getByRole('button', { name: /^Ready/ }).click();
  await expect(table.getByRole('rowheader')).toHaveCount(1);
  await expect(table.getByRole('row')).toHaveCount(1 + 1 + 1);
  await page.getByRole('button', { name: /^All/ }).click();
  await page.getByLabel('Kinds of workers').selectOption('One list');
  await expect(table.getByRole('rowheader')).toHaveCount(0);
  await expect(table.getByRole('row', { name: 'audit' })).toContainText('Workbench');
});

test('work that failed says so and is not dimmed, among the others that have stopped', async ({
  launch,
  home,
  workbenches,
}) => {
  workbenches.finished('went-well');
  writeFileSync(join(workbenches.finished('went-wrong'), 'exit_code'), '3\n');
  const page = await (await launch(watching(home, workbenches))).page();
  const row = (name: string) => page.getByRole('row', { name });
  await expect(row('went-wrong')).toContainText('failed');
  await expect(row('went-well')).toContainText('stopped');
  const colour = (name: string) =>
    page.getByRole('button', { name, exact: true }).evaluate((button) => getComputedStyle(button).color);
  expect(await colour('went-wrong')).not.toBe(await colour('went-well'));
  await page.getByRole('button', { name: 'Stopped 2' }).click();
  await row('went-wrong').click();
  await expect(page.getByRole('complementary')).toContainText('Failed since');
});

test('the head of a long group stays in sight, and only rows in sight exist', async ({
  launch,
  home,
  workbenches,
  rollouts,
}) => {
  for (let i = 0; i < 2_000; i += 1) {
    makeWorkerDir(home.workers, `w-${String(i).padStart(4, '0')}`, {
      heartbeat: { status: 'idle', interval_ms: 600_000 },
    });
  }
  await rollouts.begin('A session');
  const app = await launch(watching(home, workbenches));
  const page = await app.page();
  await expect(page.getByRole('button', { name: 'All 2,001' })).toBeVisible();
  const table = page.getByRole('table', { name: 'Workers' });
  const group = table.getByRole('button', { name: /^Worker directories/ });
  await group.focus();
  await page.keyboard.press('End');
  const session = table.getByRole('button', { name: 'A session', exact: true });
  await expect(session).toBeFocused();
  await page.keyboard.press('PageUp');
  await page.keyboard.press('PageUp');
  await expect(table.getByRole('button', { name: /^w-19/ }).first()).toBeVisible();
  await expect(group).toBeInViewport({ ratio: 1 });
  expect(await table.getByRole('row').count()).toBeLessThan(80);
  await group.click();
  await expect(session, 'folding away 2,000 leaves the rest').toBeInViewport();
  await expect(table.getByRole('row')).toHaveCount(1 + 2 + 1);
});

test('sub-agents are folded below their parent, which a stalled one marks', async ({
  launch,
  home,
  workbenches,
  rollouts,
}) => {
  const parent = await rollouts.begin('Port the importer');
  const child = await rollouts.begin('Write the tests', parent);
  parent.used(41_000);
  makeWorkerDir(home.workers, 'other', { heartbeat: { status: 'idle', interval_ms: 600_000 } });
  const { args, env } = watching(home, workbenches);
  const app = await launch({ args: [...args, '--session-stale-secs', '2'], env });
  const page = await app.page();
  const table = page.getByRole('table', { name: 'Workers' });
  const parentRow = table.getByRole('row', { name: /Port the importer/ });
  const below = table.getByRole('button', { name: '1 sub-agent of Port the importer' });
  await expect(below).toHaveAttribute('aria-expanded', 'false');
  await expect(parentRow).toContainText('41k');
  await expect(table.getByRole('row', { name: /Write the tests/ })).toBeHidden();

  child.event('task_started');
  await expect(parentRow).toContainText('1 sub-agent stalled');
  await expect(parentRow).toContainText('ready');

  await table.getByRole('button', { name: 'Port the importer', exact: true }).focus();
  await page.keyboard.press('ArrowRight');
  const childRow = table.getByRole('row', { name: /sub-agent Write the tests/ });
  await expect(childRow).toContainText('stalled');
  await below.click();
  await expect(childRow).toBeHidden();

  await page.getByRole('button', { name: /Write the tests stalled/ }).click();
  await expect(childRow, 'an event shows its worker, folded away or not').toBeVisible();
  const panel = page.getByRole('complementary', { name: 'Write the tests' });
  await panel.getByRole('region', { name: 'Works for' }).getByRole('button').click();
  await expect(page.getByRole('complementary', { name: 'Port the importer' })).toBeVisible();
});

test('a row tells of its last hour, and shows at once that its worker has stalled', async ({
  launch,
  home,
  startAgent,
}) => {
  const agent = startAgent('worker-1');
  agent.beat({ status: 'working' }, 200);
  // A beat that comes late on a busy machine would be seen in the strip for its whole minute.
  const unhurried = ['--heartbeat-missing-secs', '8'];
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK, ...unhurried] });
  const page = await app.page();
  const strip = page.getByRole('row', { name: 'worker-1' }).getByRole('img', { name: /^Last hour/ });
  await expect(strip).toHaveAccessibleName('Last hour: healthy 1 min, not watched 59 min');
  agent.beat({ status: 'working' });
  await expect(strip).toHaveAccessibleName('Last hour: stalled 1 min, not watched 59 min');
  await expect(strip).toHaveAttribute('title', /from \d\d:\d\d stalled/);
});

test('a worker is snoozed for a while, and says until when', async ({ launch, home, startAgent }) => {
  startAgent('hangs').beat({ status: 'working' });
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  const page = await app.page();
  const row = page.getByRole('table', { name: 'Workers' }).getByRole('row', { name: 'hangs' });
  await expect(row).toContainText('stalled');
  await page.getByRole('button', { name: 'hangs', exact: true }).click();
  const panel = page.getByRole('complementary', { name: 'hangs' });

  await panel.getByRole('button', { name: 'Snooze' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'For 15 minutes' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(row).toContainText(/snoozed until (\d+ \w+ )?\d\d:\d\d/);
  await expect(page.getByRole('status').first()).toContainText('snoozed');

  await panel.getByRole('button', { name: 'Snoozed' }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toBeHidden();
  await expect(panel, 'Escape closes the menu alone').toBeVisible();
  await panel.getByRole('button', { name: 'Snoozed' }).click();
  await page.getByRole('menuitem', { name: 'End the snooze' }).click();
  await expect(row).not.toContainText('snoozed');
});

test('folder and log are opened, id and attach command copied', async ({ launch, home, workbenches }) => {
  const { path, session } = workbenches.running('audit');
  const app = await launch(watching(home, workbenches));
  const page = await app.page();
  const opened = await openedPaths(app);
  await page.getByRole('button', { name: 'audit', exact: true }).click();
  const panel = page.getByRole('complementary', { name: 'audit' });

  await panel.getByRole('button', { name: 'Open folder' }).click();
  await expect.poll(opened).toEqual([path]);
  await panel.getByRole('button', { name: 'Open log' }).click();
  await expect.poll(opened).toEqual([path, `${path}/agent.log`]);
  expect(readFileSync(`${path}/agent.log`, 'utf8')).toBe('done\n');

  await panel.getByRole('button', { name: 'Copy id' }).click();
  await expect(panel.getByRole('status').filter({ hasText: 'Copied' })).toBeAttached();
  expect(await clipboard(app)).toBe(`workbench:${path}`);
  await panel.getByRole('button', { name: 'Copy attach command' }).click();
  await expect.poll(() => clipboard(app)).toContain(session);
  expect(await clipboard(app)).toMatch(/^tmux .*attach/);
});

test('open tasks are listed with how long they have been open', async ({ launch, home, startAgent }) => {
  const agent = startAgent('worker-1');
  agent.beat({ status: 'idle' }, 200);
  makeWorkerDir(home.workers, 'tasked', {
    heartbeat: { status: 'idle', interval_ms: 600_000 },
    inbox: [{ id: 't-1', title: 'Mend the parser' }, { id: 't-2' }],
    outbox: [{ task_id: 't-2', ok: true }],
  });
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  const page = await app.page();
  await page.getByRole('button', { name: 'tasked', exact: true }).click();
  const tasks = page.getByRole('complementary', { name: 'tasked' }).getByRole('list', { name: /^Open tasks/ });
  await expect(tasks.getByRole('listitem')).toHaveCount(1);
  await expect(tasks).toContainText('Mend the parser');
});
