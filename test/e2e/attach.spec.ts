import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type EngineInfo, readInfo } from '../../src/host/engine-seat';
import { type Home, QUICK, ROOT } from './support/app';
import { expect, test } from './support/test';

const infoIn = (home: Home): EngineInfo | null => readInfo(join(home.stateHome, 'idlewatch'));

/** `idlewatch serve` in this home, once its engine is reached. */
async function serveIn(home: Home, bus: string): Promise<ChildProcess> {
  const args = [join(ROOT, 'out/cli/index.js'), 'serve', '--api-port', '0', '--worker-dir', home.workers, ...QUICK];
  const child = spawn(process.execPath, args, { env: home.environment(bus), stdio: 'ignore' });
  await expect.poll(() => infoIn(home)?.pid ?? null).toBe(child.pid);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

test('the app shows the engine that runs already, ends through it, and goes on by itself when it is gone', async ({
  launch,
  home,
  bus,
  startAgent,
}) => {
  const neighbour = startAgent('neighbour');
  neighbour.beat({ status: 'working' }, 200);
  const stuck = startAgent('stuck');
  stuck.beat({ status: 'working' });
  const served = await serveIn(home, bus.address);
  try {
    const app = await launch({ args: ['--worker-dir', home.workers, '--api-port', '0', ...QUICK] });
    const page = await app.page();
    await page.getByRole('button', { name: 'Kill stuck' }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByRole('button', { name: /^End 1 process/ }).click();
    await expect(page.getByRole('alertdialog', { name: 'stuck has ended' })).toBeVisible();
    expect([stuck.hasEnded, neighbour.hasEnded]).toEqual([true, false]);
    await page.keyboard.press('Escape');
    expect(infoIn(home)?.pid).toBe(served.pid);
    const tray = await app.tray();
    await expect.poll(() => tray.tooltip()).toContain('1 of 2 busy');

    await end(served);
    await expect.poll(() => infoIn(home)?.shell ?? null, { timeout: 20_000 }).toBe('app');
    const late = startAgent('late');
    late.beat({ status: 'working' }, 200);
    await expect(page.getByRole('row', { name: /late/ })).toBeVisible({ timeout: 20_000 });
    await expect(page.getByRole('row', { name: /neighbour/ })).toBeVisible();
  } finally {
    await end(served);
  }
});
