import { createProcessTable } from '../../src/host/process-table';
import type { Snapshot } from '../../src/shared/model';
import { TestLoginManager } from './desktop/login-manager';
import type { App } from './support/app';
import { expect, test } from './support/test';

const MISSING_SECS = 5;
const GRACE_MS = 8_000;
const STOPPED_MS = 2 * MISSING_SECS * 1_000 + 500;
const LIMITS = [
  ['--heartbeat-missing-secs', String(MISSING_SECS)],
  ['--heartbeat-stale-secs', '60'],
  ['--wake-grace-ms', String(GRACE_MS)],
].flat();

const table = createProcessTable();

/** Asked from within the app: Chromium lets go of whoever debugs a page when the machine goes to sleep. */
const snapshotOf = (app: App): Promise<Snapshot> =>
  app.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript("idlewatch.invoke('snapshot.get')"),
  );

/** A process and all below it. */
function treeOf(root: number): number[] {
  const listed = table.list();
  if (!listed.ok) throw new Error(listed.reason);
  const tree = [root];
  for (const pid of tree) tree.push(...listed.processes.filter(({ ppid }) => ppid === pid).map((fact) => fact.pid));
  return tree;
}

/** One of the app's helpers may have ended by then. */
function send(pid: number, signal: NodeJS.Signals): void {
  if (table.inspect(pid).liveness === 'alive') process.kill(pid, signal);
}

const isStopped = (pid: number) => {
  const look = table.inspect(pid);
  return look.liveness !== 'alive' || look.fact.stat === 'T';
};

test('the whole app and its workers stopped for two thresholds: nobody is called stalled or dead', async ({
  launch,
  home,
  desktop,
  startAgent,
}) => {
  const agents = [startAgent('busy'), startAgent('free')];
  agents[0]!.beat({ status: 'working' }, 200);
  agents[1]!.beat({ status: 'idle' }, 200);
  const app = await launch({ args: ['--worker-dir', home.workers, ...LIMITS] });
  await app.page();
  const tray = await app.tray();
  await expect.poll(() => tray.tooltip()).toBe('1 of 2 busy');

  const ours = treeOf(app.electron.process().pid!);
  expect(ours.length).toBeGreaterThan(2);
  const all = [...ours, ...agents.map(({ pid }) => pid)];
  for (const pid of all) send(pid, 'SIGSTOP');
  await expect.poll(() => all.every(isStopped)).toBe(true);
  await new Promise((done) => setTimeout(done, STOPPED_MS));
  for (const pid of ours) send(pid, 'SIGCONT');
  await expect
    .poll(async () => (await snapshotOf(app)).hold?.reason)
    .toMatch(/^idlewatch itself stood still for \d+ s$/);
  // The workers come back a little later, as after a wake-up.
  for (const { pid } of agents) send(pid, 'SIGCONT');
  await expect.poll(async () => (await snapshotOf(app)).hold).toBeNull();
  await expect.poll(() => tray.tooltip()).toBe('1 of 2 busy');

  const { events, counts } = await snapshotOf(app);
  expect(counts).toMatchObject({ busy: 1, ready: 1, stalled: 0, dead: 0 });
  expect(events.map(({ kind }) => kind).filter((kind) => kind === 'stalled' || kind === 'dead')).toEqual([]);
  expect(desktop.notifications).toEqual([]);
});

test('the system’s word of sleep and waking holds verdicts', async ({ launch, home, bus, startAgent }) => {
  const logind = await TestLoginManager.start(bus.address);
  const agent = startAgent('worker-1');
  agent.beat({ status: 'working' }, 200);
  const env = { DBUS_SYSTEM_BUS_ADDRESS: bus.address };
  const app = await launch({ args: ['--worker-dir', home.workers, ...LIMITS], env });
  await app.page();
  const hold = async () => (await snapshotOf(app)).hold?.reason ?? null;
  const stateNow = async () => (await snapshotOf(app)).workers[0]?.state;
  await expect.poll(stateNow).toBe('busy');

  // Until the app has heard of the login manager it hears nothing from it.
  await expect(async () => {
    logind.goesToSleep();
    await expect.poll(hold, { timeout: 3_000 }).toBe('the machine goes to sleep');
  }).toPass();
  logind.hasWoken();
  await expect.poll(hold).toMatch(/^the machine slept for \d+ s$/);
  await expect.poll(hold).toBeNull();
  expect(await stateNow()).toBe('busy');
  logind.stop();
});
