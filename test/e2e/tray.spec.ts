import { lookOf } from './desktop/picture';
import type { TrayItem } from './desktop/tray-item';
import { QUICK } from './support/app';
import { expect, test } from './support/test';

const look = async (tray: TrayItem): Promise<string> => lookOf(await tray.picture());

const labels = async (tray: TrayItem) =>
  (await tray.menu()).filter((item) => !item.separator).map((item) => item.label);

test('the tray tells busy, stalled and idle by shape and colour, and in words', async ({
  launch,
  home,
  startAgent,
}) => {
  const agent = startAgent('worker-3');
  agent.beat({ status: 'working' }, 200);
  const app = await launch({ hidden: true, args: ['--worker-dir', home.workers, ...QUICK] });
  const tray = await app.tray();
  await expect.poll(() => look(tray)).toBe('blue circle');
  await expect.poll(() => tray.tooltip()).toBe('1 of 1 busy');

  agent.beat({ status: 'working' });
  await expect.poll(() => look(tray)).toBe('red square');
  await expect.poll(() => tray.tooltip()).toMatch(/^1 of 1 stalled: worker-3 silent for \d+ s$/);

  agent.beat({ status: 'idle' }, 200);
  await expect.poll(() => look(tray)).toBe('green ring');
  await expect.poll(() => tray.tooltip()).toBe('All idle: 1 worker');
});

test('the icon shows that somebody waits, until that is answered', async ({ launch, home, startAgent }) => {
  const agent = startAgent('asks');
  agent.beat({ status: 'waiting', message: 'May I?' }, 200);
  const other = startAgent('works');
  other.beat({ status: 'working' }, 200);
  const app = await launch({ hidden: true, args: ['--worker-dir', home.workers, ...QUICK] });
  const tray = await app.tray();
  await expect.poll(() => look(tray)).toBe('blue circle with an amber diamond');
  await expect.poll(() => tray.tooltip()).toBe('1 of 2 waits for you: asks');

  other.beat({ status: 'idle' }, 200);
  await expect.poll(() => look(tray)).toBe('green ring with an amber diamond');

  agent.beat({ status: 'idle' }, 200);
  await expect.poll(() => look(tray)).toBe('green ring');
});

test('the menu names who needs the person, and only them', async ({ launch, home, startAgent }) => {
  startAgent('fine_one').beat({ status: 'idle' }, 200);
  startAgent('hangs & more').beat({ status: 'working' });
  const app = await launch({ hidden: true, args: ['--worker-dir', home.workers, ...QUICK] });
  const tray = await app.tray();
  await expect.poll(() => labels(tray)).toContain('hangs & more – stalled');

  const menu = await tray.menu();
  const [overall, worker, ...rest] = menu.filter((item) => !item.separator);
  expect(overall).toMatchObject({ enabled: false, label: expect.stringContaining('1 of 2 workers') });
  expect(worker?.children.map(({ label, enabled }) => [label, enabled])).toEqual([
    ['Show', true],
    ['Kill…', true],
  ]);
  expect(rest.map((item) => item.label)).toEqual(['Open', 'Clean up…', 'Pause watching', 'Quit']);
});

test('Show opens the window at that worker', async ({ launch, home, startAgent }) => {
  startAgent('worker-1').beat({ status: 'idle' }, 200);
  startAgent('worker-2').beat({ status: 'working' });
  const app = await launch({ hidden: true, args: ['--worker-dir', home.workers, ...QUICK] });
  const tray = await app.tray();
  await expect.poll(() => labels(tray)).toContain('worker-2 – stalled');
  expect(await app.windowCount()).toBe(0);

  await tray.choose('worker-2 – stalled', 'Show');
  const page = await app.page();
  await expect(page.getByRole('complementary', { name: 'worker-2' })).toBeVisible();
});

test('Kill… opens the window and asks first', async ({ launch, home, startAgent }) => {
  const agent = startAgent('worker-2');
  agent.beat({ status: 'working' });
  const app = await launch({ hidden: true, args: ['--worker-dir', home.workers, ...QUICK] });
  const tray = await app.tray();
  await expect.poll(() => labels(tray)).toContain('worker-2 – stalled');

  await tray.choose('worker-2 – stalled', 'Kill…');
  const page = await app.page();
  await expect(page.getByRole('alertdialog', { name: 'End worker-2?' })).toContainText(String(agent.pid));
  expect(agent.hasEnded).toBe(false);
});

test('closing the window leaves the tray; a click on it opens the window again', async ({ launch, home }) => {
  const app = await launch({ args: ['--worker-dir', home.workers] });
  await app.page();
  const tray = await app.tray();
  await app.closeWindow();
  await expect.poll(() => app.isWindowVisible()).toBe(false);
  await expect.poll(() => tray.tooltip()).toBe('idlewatch: no workers yet');
  // Hidden, not destroyed: what the person had selected is still there.
  expect(await app.windowCount()).toBe(1);

  await tray.click();
  await expect.poll(() => app.isWindowVisible()).toBe(true);
  expect(await app.windowCount()).toBe(1);
});

test('watching is paused and resumed from the menu', async ({ launch, home, startAgent }) => {
  const agent = startAgent('worker-1');
  agent.beat({ status: 'idle' }, 100);
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  const page = await app.page();
  const tray = await app.tray();
  await expect.poll(() => look(tray)).toBe('green ring');

  await tray.choose('Pause watching');
  await expect.poll(() => look(tray)).toBe('grey bars');
  await expect(page.getByText('Watching is paused')).toBeVisible();
  await expect.poll(() => tray.tooltip()).toBe('idlewatch: watching is paused');
  agent.beat({ status: 'working' }, 100);

  await tray.choose('Resume watching');
  await expect.poll(() => look(tray)).toBe('blue circle');
  await expect(page.getByText('Watching is paused')).toBeHidden();
});
