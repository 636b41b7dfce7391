import { QUICK } from './support/app';
import { isRunning } from './support/processes';
import { expect, test } from './support/test';

test.describe('a wrong command line is refused with a message and exit 1', () => {
  for (const [args, message] of [
    [
      ['--worker-dri', '/x'],
      'idlewatch: unknown option --worker-dri; known are --worker-dir PATH, --workbench-dir PATH, --hidden, ',
    ],
    [['--worker-dir'], 'idlewatch: option --worker-dir needs a value, such as --worker-dir ~/project/.workers'],
    [
      ['--heartbeat-missing-secs', 'soon'],
      'idlewatch: option: heartbeat_missing_secs is "soon"; allowed is a number from 1 to 86400 (s)',
    ],
  ] as const) {
    test(args.join(' '), async ({ startPlainly }) => {
      const { code, stderr } = await startPlainly(...args).ended();
      expect(stderr).toContain(message);
      expect(code).toBe(1);
    });
  }
});

test('a start opens the window, unless it is to be hidden', async ({ startPlainly, home, desktop }) => {
  const pages = async (port: string) => {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as { url: string }[];
    return targets.map(({ url }) => url);
  };
  const shown = startPlainly('--worker-dir', home.workers, '--remote-debugging-port=0');
  const port = await shown.debuggingPort();
  await expect.poll(() => pages(port)).toEqual(['app://idlewatch/index.html']);
  await shown.stop();

  const hidden = startPlainly('--hidden', '--worker-dir', home.workers, '--remote-debugging-port=0');
  await expect.poll(() => desktop.trayItem()?.tooltip()).toBe('idlewatch: no workers yet');
  expect(await pages(await hidden.debuggingPort())).toEqual([]);
});

test('a second start shows the first one’s window, hands it its directories and ends', async ({
  launch,
  startPlainly,
  startAgent,
  home,
}) => {
  startAgent('worker-1').beat({ status: 'idle' }, 200);
  const app = await launch({ hidden: true });
  await app.tray();
  expect(await app.windowCount()).toBe(0);

  const { code, stderr } = await startPlainly('--worker-dir', home.workers).ended();
  expect(stderr).toContain('idlewatch: it is running already; its window is shown');
  expect(code).toBe(0);
  await expect.poll(() => app.isWindowVisible()).toBe(true);
  await expect((await app.page()).getByRole('row', { name: 'worker-1' })).toBeVisible();
  expect(await app.windowCount()).toBe(1);
});

for (const way of ['Quit', 'SIGTERM'] as const) {
  test(`${way} ends the app, and no worker`, async ({ startPlainly, startAgent, desktop, home }) => {
    const agent = startAgent('worker-1');
    agent.beat({ status: 'idle' }, 200);
    const app = startPlainly('--worker-dir', home.workers, ...QUICK);
    await expect.poll(() => desktop.trayItem()?.tooltip()).toBe('All idle: 1 worker');
    if (way === 'Quit') await desktop.trayItem()?.quit();
    else app.signal('SIGTERM');
    const { code } = await app.ended();
    expect(code).toBe(0);
    expect(desktop.trayItemCount).toBe(0);
    expect(isRunning(agent.pid)).toBe(true);
  });
}
