import { type App, QUICK } from './support/app';
import { expect, test } from './support/test';

/** Whether the app holds off sleep, as Electron tells. */
function holdsOffSleep(app: App): Promise<boolean> {
  return app.electron.evaluate(({ powerSaveBlocker }) =>
    Array.from({ length: 20 }, (_, id) => id).some((id) => powerSaveBlocker.isStarted(id)),
  );
}

test('the machine is kept awake while somebody is busy, and the tray says so', async ({ launch, home, startAgent }) => {
  const agent = startAgent('worker-1');
  agent.beat({ status: 'working' }, 200);
  const on = ['--keep-awake', 'true'];
  const app = await launch({ hidden: true, args: ['--worker-dir', home.workers, ...QUICK, ...on] });
  const tray = await app.tray();
  const isInMenu = async () => (await tray.menu()).some(({ label }) => label === 'Keeps the machine awake');
  await expect.poll(() => tray.tooltip()).toBe('1 of 1 busy · keeps the machine awake');
  expect([await holdsOffSleep(app), await isInMenu()]).toEqual([true, true]);

  agent.beat({ status: 'idle' }, 200);
  await expect.poll(() => tray.tooltip()).toBe('All idle: 1 worker');
  expect([await holdsOffSleep(app), await isInMenu()]).toEqual([false, false]);

  agent.beat({ status: 'working' }, 200);
  await expect.poll(() => holdsOffSleep(app)).toBe(true);
  await tray.choose('Pause watching');
  await expect.poll(() => tray.tooltip()).toBe('idlewatch: watching is paused');
  expect(await holdsOffSleep(app)).toBe(false);
});

test('nothing is held off unless the person wants it', async ({ launch, home, startAgent }) => {
  startAgent('worker-1').beat({ status: 'working' }, 200);
  const app = await launch({ args: ['--worker-dir', home.workers, ...QUICK] });
  const tray = await app.tray();
  await expect.poll(() => tray.tooltip()).toBe('1 of 1 busy');
  expect(await holdsOffSleep(app)).toBe(false);

  // Switched on while somebody is busy, it takes effect at once.
  const page = await app.page();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('checkbox', { name: 'Keep the machine awake' }).check();
  await page.getByRole('button', { name: 'Save 1 change' }).click();
  await expect.poll(() => tray.tooltip()).toBe('1 of 1 busy · keeps the machine awake');
  expect(await holdsOffSleep(app)).toBe(true);
});
