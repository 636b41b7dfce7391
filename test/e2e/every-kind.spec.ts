import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openRegistry } from '../../src/host/registry';
import type { Snapshot } from '../../src/shared/model';
import { fetchCodex, makeCodex } from '../integration/support/codex';
import { fetchOpenCode, makeOpenCode } from '../integration/support/opencode';
import { type RealProcesses, realProcesses } from '../integration/support/real-processes';
import { startStandIn } from '../integration/support/stand-in';
import { type Home, QUICK, ROOT } from './support/app';
import { isRunning } from './support/processes';
import { test as base, expect } from './support/test';
import { Workbenches } from './support/workbenches';

/**
 * Everything a person may run side by side, all of it real: a team of workers, supervised runs, workbenches in tmux,
 * sessions of Codex and of an OpenCode server. One of each kind is stalled and ended; the others must not notice.
 */
const test = base.extend<{ processes: RealProcesses; workbenches: Workbenches }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads in the pattern what a fixture needs
  processes: async ({}, use) => {
    const processes = realProcesses();
    await use(processes);
    await processes.endAll();
  },
  workbenches: async ({ home }, use) => {
    const workbenches = new Workbenches(home);
    await use(workbenches);
    workbenches.stop();
  },
});

const codexProgram = fetchCodex();
const openCodeProgram = fetchOpenCode();
const WORDS = { ready: 'ready', busy: 'busy' };

test('one of every kind is stalled in turn and ended from the window, its neighbours untouched', async ({
  launch,
  home,
  startAgent,
  processes,
  workbenches,
}) => {
  test.skip(!codexProgram || !openCodeProgram, 'the real programs cannot be had here');
  test.setTimeout(240_000);
  const standIn = await startStandIn(processes);
  const streaming = { do: 'stream', chunks: 5_000, everyMs: 200 };

  // ── everything is well ──
  const [neighbour, worker] = [startAgent('writer'), startAgent('reviewer')];
  for (const agent of [neighbour, worker]) agent.beat({ status: 'idle' }, 200);
  const runs = [superviseIn(home, processes, 'serve', 'sleep 600'), superviseIn(home, processes, 'build', 'sleep 600')];
  const bench = workbenches.young('triage');
  const codex = makeCodex(codexProgram ?? '', home.path, standIn, processes);
  // Codex writes nothing while an answer comes in: what shows that it works is one command after the other.
  const steps = Array.from({ length: 300 }, () => ({ do: 'shell', command: 'sleep 1' }));
  codex.exec('essay', standIn.told('Write an essay', ...steps));
  const openCode = await makeOpenCode(openCodeProgram ?? '', home.path, standIn, processes);
  const poem = await openCode.prompt('A poem', standIn.told('Write a poem', streaming));

  const app = await launch({
    args: [
      ...['--worker-dirs', home.workers, '--workbench-dirs', workbenches.directory],
      ...['--opencode-servers', openCode.url, '--session-stale-secs', '6'],
      ...QUICK,
    ],
    env: { ...workbenches.environment, CODEX_HOME: codex.home },
  });
  const page = await app.page();
  const well: Record<string, string> = {
    writer: WORDS.ready,
    reviewer: WORDS.ready,
    serve: WORDS.busy,
    build: WORDS.busy,
    triage: WORDS.busy,
    essay: WORDS.busy,
    'A poem': WORDS.busy,
  };
  for (const [name, state] of Object.entries(well)) await expectState(page, name, state);

  /** Whoever is not among those ended is as well as before. */
  const ended: string[] = [];
  const end = async (name: string) => {
    await expectState(page, name, 'stalled');
    await endFromWindow(page, name);
    ended.push(name);
    for (const [other, state] of Object.entries(well)) {
      if (!ended.includes(other)) await expectState(page, other, state);
    }
    // Also what it was called for a moment only stands in the event log.
    expect((await alarmsOf(page)).filter(({ worker }) => !ended.some((each) => worker.startsWith(each)))).toEqual([]);
  };

  // ── one after the other ──
  worker.beat({ status: 'working' }, 0);
  await end('reviewer');
  expect([worker.hasEnded, neighbour.hasEnded]).toEqual([true, false]);

  process.kill(runs[1]?.pid ?? 0, 'SIGKILL');
  const build = runOf(home, 'build');
  await end('build');
  expect([isRunning(build?.child?.pid ?? 0), isRunning(runOf(home, 'serve')?.child?.pid ?? 0)]).toEqual([false, true]);

  const late = workbenches.running('audit');
  await end('audit');
  expect(workbenches.sessions()).toEqual([bench.session]);
  expect(workbenches.sessions()).not.toContain(late.session);

  const hung = codex.exec('hang', standIn.told('Hang for ever', { do: 'silence' }));
  await end('Hang for ever');
  expect(isRunning(hung.pid)).toBe(false);

  const stuck = await openCode.prompt('Stuck', standIn.told('Hang in the middle', { do: 'stall', chunks: 2 }));
  await end('Stuck');
  expect(await openCode.busy()).toEqual([poem]);
  expect(stuck).not.toBe(poem);
});

/** Start a command under `idlewatch run`, as a person does. */
function superviseIn(home: Home, processes: RealProcesses, name: string, command: string) {
  const environment = home.environment('');
  mkdirSync(home.path, { recursive: true });
  const cli = join(ROOT, 'out', 'cli', 'index.js');
  return processes.run(process.execPath, [cli, 'run', '--name', name, '--', 'sh', '-c', command], {
    env: environment,
    stdio: 'ignore',
  });
}

function runOf(home: Home, name: string) {
  const { runs, close } = openRegistry(join(home.stateHome, 'idlewatch'), { warn: console.error });
  try {
    return runs.list().find((run) => run.name === name);
  } finally {
    close();
  }
}

async function expectState(page: Page, name: string, state: string): Promise<void> {
  await expect(page.getByRole('row', { name: new RegExp(`\\b${name}\\b`) }).first()).toContainText(state, {
    timeout: 40_000,
  });
}

/** Of whom the event log says, with the reason, that it was stalled or dead. */
async function alarmsOf(page: Page): Promise<{ worker: string; kind: string; text: string }[]> {
  const { events } = (await page.evaluate("idlewatch.invoke('snapshot.get')")) as Snapshot;
  return events
    .filter(({ kind }) => kind === 'stalled' || kind === 'dead')
    .map(({ workerName, kind, text }) => ({ worker: workerName ?? '', kind, text }));
}

async function endFromWindow(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^Kill .*${name}`) }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('button', { name: /^(End|Abort)/ }).click();
  await expect(page.getByRole('alertdialog', { name: /has ended/ })).toBeVisible({ timeout: 20_000 });
  await dialog.getByRole('button', { name: 'Close' }).click();
}
