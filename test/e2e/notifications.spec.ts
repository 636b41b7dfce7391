import { QUICK } from './support/app';
import { expect, test } from './support/test';

test('a stall is told once, and a click shows the worker', async ({ launch, home, desktop, startAgent }) => {
  startAgent('worker-1').beat({ status: 'idle' }, 200);
  const agent = startAgent('worker-2');
  agent.beat({ status: 'working' }, 200);
  const again = ['--announce-again-after-ms', '0'];
  const app = await launch({ hidden: true, args: ['--worker-dir', home.workers, ...QUICK, ...again] });
  const tray = await app.tray();
  await expect.poll(() => tray.tooltip()).toBe('1 of 2 busy');
  expect(desktop.notifications).toEqual([]);

  agent.beat({ status: 'working' });
  await expect.poll(() => desktop.notifications.map(({ summary }) => summary)).toEqual(['worker-2 is stalled']);
  // Silent for longer and longer is still the same stall.
  await expect.poll(() => tray.tooltip()).toMatch(/worker-2 silent for ([5-9]|1\d) s/);
  expect(desktop.notifications).toHaveLength(1);

  const [notification] = desktop.notifications;
  desktop.click(notification!);
  const page = await app.page();
  await expect(page.getByRole('complementary', { name: 'worker-2' })).toBeVisible();

  agent.beat({ status: 'working' }, 200);
  await expect.poll(() => tray.tooltip()).toBe('1 of 2 busy');
  agent.beat({ status: 'working' });
  await expect
    .poll(() => desktop.notifications.map(({ summary }) => summary))
    .toEqual(['worker-2 is stalled', 'worker-2 is stalled']);
});

test('several that stall in one moment are told together', async ({ launch, home, desktop, startAgent }) => {
  const agents = ['a', 'b', 'c'].map((name) => startAgent(name));
  for (const agent of agents) agent.beat({ status: 'working' }, 200);
  const app = await launch({ hidden: true, args: ['--worker-dir', home.workers, ...QUICK] });
  const tray = await app.tray();
  await expect.poll(() => tray.tooltip()).toBe('3 of 3 busy');
  for (const agent of agents) agent.beat({ status: 'working' });
  await expect.poll(() => desktop.notifications.length).toBe(1);
  expect(desktop.notifications[0]).toMatchObject({ summary: '3 workers are stalled' });
});

test('a worker that dies is told as dead', async ({ launch, home, desktop, startAgent }) => {
  const agent = startAgent('worker-2');
  agent.beat({ status: 'working' }, 200);
  const app = await launch({ hidden: true, args: ['--worker-dir', home.workers, ...QUICK] });
  const tray = await app.tray();
  await expect.poll(() => tray.tooltip()).toBe('1 of 1 busy');
  await agent.stop();
  await expect.poll(() => desktop.notifications.map(({ summary }) => summary)).toEqual(['worker-2 is dead']);
});

test('a worker that waits for the person says what it asks, and flapping is told once', async ({
  launch,
  home,
  desktop,
  startAgent,
}) => {
  const agent = startAgent('worker-2');
  agent.beat({ status: 'working' }, 200);
  const app = await launch({ hidden: true, args: ['--worker-dir', home.workers, ...QUICK] });
  const tray = await app.tray();
  await expect.poll(() => tray.tooltip()).toBe('1 of 1 busy');
  agent.beat({ status: 'waiting', message: 'May I push?' }, 200);
  await expect
    .poll(() => desktop.notifications.map(({ summary, body }) => [summary, body]))
    .toEqual([['worker-2 waits for you', 'Asks: May I push?']]);

  agent.beat({ status: 'working' }, 200);
  await expect.poll(() => tray.tooltip()).toBe('1 of 1 busy');
  agent.beat({ status: 'working' });
  await expect.poll(() => tray.tooltip()).toMatch(/worker-2 silent for ([5-9]|1\d) s/);
  expect(desktop.notifications).toHaveLength(1);
});

test('in quiet hours nothing is told', async ({ launch, home, desktop, startAgent }) => {
  const agent = startAgent('worker-2');
  agent.beat({ status: 'working' }, 200);
  const hour = (ms: number) => new Date(Date.now() + ms).toTimeString().slice(0, 5);
  const quiet = ['--quiet-hours', `${hour(-3_600_000)}-${hour(3_600_000)}`];
  const app = await launch({ hidden: true, args: ['--worker-dir', home.workers, ...QUICK, ...quiet] });
  const tray = await app.tray();
  await expect.poll(() => tray.tooltip()).toBe('1 of 1 busy');
  agent.beat({ status: 'working' });
  await expect.poll(() => tray.tooltip()).toMatch(/worker-2 silent for ([5-9]|1\d) s/);
  expect(desktop.notifications).toEqual([]);
});

test('that all is idle is told once after work', async ({ launch, home, desktop, startAgent }) => {
  const agent = startAgent('worker-1');
  agent.beat({ status: 'idle' }, 200);
  const app = await launch({ hidden: true, args: ['--worker-dir', home.workers, ...QUICK] });
  const tray = await app.tray();
  await expect.poll(() => tray.tooltip()).toBe('All idle: 1 worker');
  agent.beat({ status: 'working' }, 200);
  await expect.poll(() => tray.tooltip()).toBe('1 of 1 busy');
  expect(desktop.notifications).toEqual([]);
  agent.beat({ status: 'idle' }, 200);
  await expect.poll(() => desktop.notifications.map(({ summary }) => summary)).toEqual(['Everything is idle']);
});

test('who wants no notifications gets none', async ({ launch, home, desktop, startAgent }) => {
  const agent = startAgent('worker-2');
  agent.beat({ status: 'working' }, 200);
  const off = ['--notify-stalled', 'false', '--notify-all-idle', 'false'];
  const app = await launch({ hidden: true, args: ['--worker-dir', home.workers, ...QUICK, ...off] });
  const tray = await app.tray();
  await expect.poll(() => tray.tooltip()).toBe('1 of 1 busy');
  agent.beat({ status: 'working' });
  await expect.poll(() => tray.tooltip()).toMatch(/worker-2 silent for ([4-9]|1\d) s/);
  agent.beat({ status: 'idle' }, 200);
  await expect.poll(() => tray.tooltip()).toBe('All idle: 1 worker');
  expect(desktop.notifications).toEqual([]);
});
