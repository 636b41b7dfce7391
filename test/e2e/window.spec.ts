import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWorkerDir } from '../fixtures/worker-dir';
import { QUICK } from './support/app';
import { isRunning } from './support/processes';
import { expect, test } from './support/test';

test('the window lists the workers of every kind of --worker-dir', async ({ launch, home }) => {
  makeWorkerDir(join(home.path, 'state', 'workers'), 'in-state', { heartbeat: { status: 'idle' } });
  makeWorkerDir(join(home.path, 'flat'), 'in-flat', { heartbeat: { status: 'working' } });
  const single = makeWorkerDir(join(home.path, 'elsewhere'), 'single', { heartbeat: { status: 'idle' } });
  makeWorkerDir(home.workers, 'not-asked-for', { heartbeat: { status: 'idle' } });
  const dirs = [join(home.path, 'state'), join(home.path, 'flat'), single];
  const app = await launch({ args: dirs.flatMap((path) => ['--worker-dir', path]) });
  const page = await app.page();
  const table = page.getByRole('table', { name: 'Workers' });
  for (const name of ['in-state', 'in-flat', 'single']) await expect(table.getByRole('row', { name })).toBeVisible();
  await expect(table.getByRole('row')).toHaveCount(4);
  await expect(table.getByRole('row', { name: 'in-flat' })).toContainText('busy');
});

test('workers below the state home are found without being named', async ({ launch, home }) => {
  makeWorkerDir(join(home.stateHome, 'omk', 'team', 'run-7', 'workers'), 'found', { heartbeat: { status: 'idle' } });
  const page = await (await launch()).page();
  await expect(page.getByRole('row', { name: 'found' })).toContainText('run-7');
});

test('the panel shows the verdict, its evidence, the heartbeat, the process and the log', async ({
  launch,
  home,
  startAgent,
}) => {
  const agent = startAgent('worker-1', { children: 1 });
  writeFileSync(join(agent.directory, 'worker.log'), 'first line\nsecond \u001b[31mline\n');
  agent.beat({ status: 'working', phase: 'tools', task: { id: 't-1', title: 'Mend the parser' } }, 200);
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  const page = await app.page();
  await page.getByRole('button', { name: 'worker-1', exact: true }).click();
  const panel = page.getByRole('complementary', { name: 'worker-1' });
  await expect(panel).toContainText('Evidence');
  await expect(panel).toContainText('Mend the parser');
  await expect(panel).toContainText('second ␛[31mline');
  await expect(panel.getByRole('table', { name: 'Process tree' }).getByRole('row')).toHaveCount(3);
  await expect(panel).toContainText(`pid ${agent.pid} · verified`);
});

test('a change of a file is on the screen at once', async ({ launch, home, startAgent }) => {
  const agent = startAgent('worker-1');
  agent.beat({ status: 'idle' });
  const app = await launch({ args: ['--worker-dir', home.workers] });
  const page = await app.page();
  await expect(page.getByRole('row', { name: 'worker-1' })).toContainText('ready');
  agent.beat({ status: 'working' });
  await expect(page.getByRole('row', { name: 'worker-1' })).toContainText('busy', { timeout: 10_000 });
});

test('the empty window offers a directory and demo workers, and both work', async ({ launch, home }) => {
  const app = await launch();
  const page = await app.page();
  makeWorkerDir(home.workers, 'mine', { heartbeat: { status: 'idle' } });
  await app.electron.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
  }, home.workers);
  await page.getByRole('button', { name: 'Add directory…' }).click();
  await expect(page.getByRole('row', { name: 'mine' })).toBeVisible();
  const settings = JSON.parse(readFileSync(join(home.userData, 'settings.json'), 'utf8'));
  expect(settings).toEqual({ workerDirs: [home.workers] });
});

test('demo workers are started from the empty window and end with the app', async ({ launch, home }) => {
  const temporary = join(home.path, 'tmp');
  makeWorkerDir(temporary, 'unrelated');
  const app = await launch({ env: { TMPDIR: temporary } });
  const page = await app.page();
  await page.getByRole('button', { name: 'Start demo workers' }).click();
  const table = page.getByRole('table', { name: 'Workers' });
  await expect(table.getByRole('row', { name: 'steady' })).toBeVisible();
  // The scene itself is a command of which idlewatch takes care.
  await expect(table.getByRole('row', { name: 'demo workers' })).toContainText('scene');
  await page.getByRole('button', { name: 'steady', exact: true }).click();
  const panel = page.getByRole('complementary', { name: 'steady' });
  await expect(panel).toContainText('verified');
  const pid = Number(/pid (\d+)/.exec((await panel.textContent()) ?? '')?.[1]);
  expect(isRunning(pid)).toBe(true);
  await app.close();
  expect(isRunning(pid)).toBe(false);
  expect(readdirSync(temporary).filter((name) => name.startsWith('idlewatch-demo-'))).toEqual([]);
});

test('the window comes back where and as large as it was', async ({ launch }) => {
  const bounds = { x: 120, y: 90, width: 900, height: 610 };
  const first = await launch();
  await first.page();
  await first.electron.evaluate(
    ({ BrowserWindow }, place) => BrowserWindow.getAllWindows()[0]?.setBounds(place),
    bounds,
  );
  await first.close();
  const second = await launch();
  await second.page();
  const found = await second.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
  expect(found).toEqual(bounds);
});

test('a picture missed while the window was hidden is there when it comes back', async ({
  launch,
  home,
  startAgent,
}) => {
  const agent = startAgent('worker-1');
  agent.beat({ status: 'idle' }, 200);
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  const page = await app.page();
  await expect(page.getByRole('row', { name: 'worker-1' })).toContainText('ready');
  await app.closeWindow();
  const tray = await app.tray();
  agent.beat({ status: 'working' }, 200);
  await expect.poll(() => tray.tooltip()).toBe('1 of 1 busy');
  // Nothing was sent to a page that nobody sees.
  expect(await page.getByRole('row', { name: 'worker-1' }).textContent()).toContain('ready');
  await tray.click();
  await expect(page.getByRole('row', { name: 'worker-1' })).toContainText('busy');
});

test('a page that crashed comes back with the next click on the tray', async ({ launch, home, startAgent }) => {
  const agent = startAgent('worker-1');
  agent.beat({ status: 'idle' }, 200);
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  await app.page();
  const tray = await app.tray();
  await app.electron.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer();
  });
  await expect.poll(() => app.windowCount()).toBe(0);
  const reopened = app.electron.waitForEvent('window');
  await tray.click();
  const page = await reopened;
  await expect(page.getByRole('row', { name: 'worker-1' })).toContainText('ready');
  agent.beat({ status: 'working' }, 200);
  await expect(page.getByRole('row', { name: 'worker-1' })).toContainText('busy');
});

test('a directory that vanishes and comes back is a worker that leaves and comes back', async ({ launch, home }) => {
  makeWorkerDir(home.workers, 'stays', { heartbeat: { status: 'idle' } });
  const directory = makeWorkerDir(home.workers, 'comes-and-goes', { heartbeat: { status: 'idle' } });
  const app = await launch({ args: ['--worker-dir', home.workers] });
  const page = await app.page();
  const row = page.getByRole('row', { name: 'comes-and-goes' });
  await expect(row).toBeVisible();
  renameSync(directory, join(home.path, 'away'));
  await expect(row).toBeHidden();
  renameSync(join(home.path, 'away'), directory);
  await expect(row).toBeVisible();
});

test('hostile names and files are shown harmlessly, each on its own row', async ({ launch, home }) => {
  makeWorkerDir(home.workers, 'fine', { heartbeat: { status: 'idle' } });
  const html = makeWorkerDir(home.workers, 'html', { heartbeat: { status: 'idle' } });
  const name = '<img src=x onerror="document.title=\'owned\'">\u001b[2J\u202e🦊';
  writeFileSync(join(html, 'worker-spec.json'), JSON.stringify({ name, role: 'x'.repeat(10_000) }));
  const broken = makeWorkerDir(home.workers, 'broken', { heartbeat: { status: 'idle' } });
  writeFileSync(join(broken, 'worker-spec.json'), '{"name": ');
  const binary = makeWorkerDir(home.workers, 'binary');
  writeFileSync(join(binary, 'heartbeat.json'), Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 37) % 256)));
  rmSync(join(binary, 'worker-spec.json'));
  const app = await launch({ args: ['--worker-dir', home.workers] });
  const page = await app.page();
  await expect(page.getByRole('table', { name: 'Workers' }).getByRole('row')).toHaveCount(5);
  await expect(page.getByRole('row', { name: /<img src=x/ })).toContainText('🦊');
  expect(await page.title()).toBe('idlewatch');
  await expect(page.getByRole('row', { name: 'fine' })).toContainText('ready');
});

test('three-digit counts of tasks and results stand whole in their column', async ({ launch, home }) => {
  const entries = (many: number) => Array.from({ length: many }, (_, id) => ({ id: `${id}`, task_id: `${id}` }));
  const content = { heartbeat: { status: 'idle' }, inbox: entries(128), outbox: entries(120) };
  makeWorkerDir(home.workers, 'worker-1', content);
  const app = await launch({ args: ['--worker-dir', home.workers] });
  const page = await app.page();
  const cell = page.getByRole('cell', { name: '128 / 120' });
  await expect(cell).toBeVisible();
  expect(await cell.evaluate((shown) => shown.scrollWidth - shown.clientWidth)).toBe(0);
});

test('2,000 workers are listed, filtered and walked', async ({ launch, home }) => {
  for (let i = 0; i < 2_000; i += 1) {
    makeWorkerDir(home.workers, `w-${String(i).padStart(4, '0')}`, {
      heartbeat: { status: 'idle', interval_ms: 600_000 },
    });
  }
  const app = await launch({ args: ['--worker-dir', home.workers] });
  const page = await app.page();
  await expect(page.getByRole('button', { name: 'All 2,000' })).toBeVisible();
  const rows = page.getByRole('table', { name: 'Workers' }).getByRole('row');
  expect(await rows.count()).toBeLessThan(80);

  await page.getByRole('searchbox').fill('w-1999');
  await expect(page.getByText('1 shown')).toBeVisible();
  await expect(page.getByRole('row', { name: 'w-1999' })).toBeVisible();
  await page.getByRole('searchbox').fill('');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await expect(page.getByRole('button', { name: 'w-1999', exact: true })).toBeFocused();

  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(720, 480));
  await expect.poll(() => page.evaluate(() => innerWidth)).toBe(720);
  const unused = () =>
    page.evaluate(() => {
      const right = (selector: string) => document.querySelector(selector)?.getBoundingClientRect().right ?? 0;
      return right('.table') - right('.head:last-child');
    });
  await expect.poll(unused, { message: 'room at the right of the last column' }).toBeLessThan(1);
});
