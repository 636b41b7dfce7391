import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createEngine, type Engine } from '../../src/engine/engine';
import { createMachine } from '../../src/host/machine';
import type { MonitorEvent, WorkerReport, WorkerRow } from '../../src/shared/model';
import { defaultSettings, type Settings } from '../../src/shared/settings';
import { type Codex, fetchCodex, makeCodex } from './support/codex';
import { ownTmux, TMUX_PROGRAM } from './support/own-tmux';
import { realProcesses } from './support/real-processes';
import { type StandIn, startStandIn } from './support/stand-in';
import { waitFor } from './support/wait-for';

/** The real Codex with a model that does as it is told, watched by the engine as the app has it. */

const program = fetchCodex();
const processes = realProcesses();
let base: string;
let standIn: StandIn;
let codex: Codex;

beforeEach(async () => {
  if (program === null) return;
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-codex-')));
  standIn = await startStandIn(processes);
  codex = makeCodex(program, base, standIn, processes);
});
afterEach(async () => {
  await processes.endAll();
  rmSync(base, { recursive: true, force: true });
});

interface Watching {
  engine: Engine;
  events: MonitorEvent[];
  /** The session that works in this folder; of several the first. */
  row(folder: string): WorkerRow | undefined;
  rows(folder: string): WorkerRow[];
  report(folder: string): WorkerReport | undefined;
  /** Every command it started ends with the test. */
  adoptTree(folder: string): void;
}

function watch(changes: Partial<Settings> = {}): Watching {
  const machine = createMachine(join(base, 'state'), { warn: (message) => expect.unreachable(message) });
  // A machine so busy that the monitor stands still for a while must not hold its verdicts for longer than a test waits.
  const settings = { ...defaultSettings(), killGraceMs: 2_000, wakeGraceMs: 2_000, ...changes };
  const engine = createEngine(machine, {
    settings: () => settings,
    roots: { codex: [codex.home] },
    tell: () => undefined,
  });
  const events: MonitorEvent[] = [];
  engine.monitor.onEvent((event) => events.push(event));
  engine.start();
  onTestFinished(async () => {
    await engine.stop();
    machine.close();
  });
  const rows = (folder: string) =>
    engine.monitor.snapshot().workers.filter(({ path }) => path === join(base, 'work', folder));
  const row = (folder: string) => rows(folder)[0];
  return {
    engine,
    events,
    rows,
    row,
    report: (folder) => engine.monitor.report(row(folder)?.id ?? '') ?? undefined,
    adoptTree(folder) {
      const found = row(folder);
      const planned = found ? engine.killer.plan(found.id).processes : [];
      for (const { pid } of planned) processes.adopt(pid);
    },
  };
}

const stalled = { do: 'stall' };

describe.skipIf(program === null)('sessions of the real Codex', () => {
  test('a turn that finishes is busy, and then over, with what it used', async () => {
    const watching = watch();
    codex.exec('finishes', standIn.told('Say hello', { do: 'stream', chunks: 20, everyMs: 200 }));
    const busy = await waitFor('it is busy', () => {
      const row = watching.row('finishes');
      return row?.state === 'busy' && row.liveness === 'alive' ? row : null;
    });
    expect(busy).toMatchObject({ source: 'codex', health: 'healthy', runId: 'finishes', parentId: null });
    expect(busy.name).toMatch(/^Say hello/);
    const over = await waitFor('it is over', () => {
      const row = watching.row('finishes');
      return row?.state === 'stopped' ? row : null;
    });
    expect(over).toMatchObject({ health: 'unknown', reason: 'Finished', usage: { tokens: 120, cost: null } });
    expect(watching.events.filter(({ kind }) => kind === 'dead' || kind === 'stalled')).toEqual([]);
  });

  test('a hung turn is stalled and ended from the plan; another session goes on', async () => {
    const watching = watch({ session_stale_secs: 4 });
    const hung = codex.exec('hangs', standIn.told('Hang', stalled));
    const command = standIn.told('Go on', { do: 'shell', command: 'sleep 60' });
    const neighbour = codex.exec('goes-on', command);
    const row = await waitFor('it is stalled', () => {
      const found = watching.row('hangs');
      return found?.state === 'stalled' ? found : null;
    });
    expect(row.reason).toMatch(/^Busy without progress for \d+ s \(allowed 4 s\)$/);
    expect(watching.report('hangs')?.process).toMatchObject({ verified: true, from: 'report' });
    watching.adoptTree('goes-on');
    const before = watching.row('goes-on');
    expect(before).toMatchObject({ state: 'busy', health: 'healthy', liveness: 'alive' });

    const plan = watching.engine.killer.plan(row.id);
    expect(plan).toMatchObject({ refused: null, sharedWith: [] });
    expect(plan.processes[0]?.pid).toBe(row.pid);
    const answer = await watching.engine.killer.execute(plan.planId, {
      acceptShared: false,
      askedBy: 'test',
      why: row.reason,
    });
    expect(answer).toMatchObject({ ok: true, receipt: { ended: true } });
    await waitFor('what started it has ended too', () => !processes.isAlive(hung.pid));
    expect(processes.isAlive(neighbour.pid)).toBe(true);
    expect(processes.isAlive(before?.pid ?? 0)).toBe(true);
    await waitFor('it says who ended it', () => watching.row('hangs')?.reason.startsWith('Ended from idlewatch'));
    expect(watching.row('goes-on')?.state).toBe('busy');
    const [request] = (await standIn.requests()).filter(({ prompt }) => prompt.startsWith('Hang'));
    expect(request?.state).toBe('closed');
  });

  test('a command that runs is shown, and is in the plan', async () => {
    const watching = watch({ session_stale_secs: 2 });
    codex.exec('commands', standIn.told('Sleep', { do: 'shell', command: 'sleep 6; echo slept' }));
    const row = await waitFor('its command runs', () => {
      const found = watching.row('commands');
      return found?.reason.includes('sleep 6') ? found : null;
    });
    expect(row).toMatchObject({ state: 'busy', health: 'healthy' });
    expect(row.reason).toBe('Running “sleep 6; echo slept” (allowed 5 min)');
    const planned = await waitFor('its command is planned', () => {
      const { processes: found } = watching.engine.killer.plan(row.id);
      return found.some(({ command }) => command === 'sleep 6') ? found : null;
    });
    expect(planned[0]?.pid).toBe(row.pid);
    for (const { pid } of planned) processes.adopt(pid);
    await waitFor('it is over', () => watching.row('commands')?.reason === 'Finished');
    expect(watching.events.filter(({ kind }) => kind === 'stalled')).toEqual([]);
  });

  test('killed in the middle of a turn is dead, at once and to who looks later', async () => {
    const watching = watch();
    codex.exec('killed', standIn.told('Hang', stalled));
    const row = await waitFor('it is busy', () => {
      const found = watching.row('killed');
      return found?.state === 'busy' && found.pid !== null ? found : null;
    });
    process.kill(row.pid ?? 0, 'SIGKILL');
    const dead = await waitFor(
      'it is dead',
      () => {
        const found = watching.row('killed');
        return found?.state === 'dead' ? found : null;
      },
      8_000,
    );
    expect(dead.reason).toBe(`Process ${row.pid} is gone`);
    const later = watch();
    await waitFor('whoever looks later is told, too', () => later.row('killed')?.state === 'dead', 45_000);
    expect(later.row('killed')?.reason).toBe('Process is gone');
  }, 120_000);

  test('a turn whose model breaks off is over, with the reason', async () => {
    const watching = watch();
    codex.exec(
      'fails',
      standIn.told('Break off', { do: 'hangup' }),
      '-c',
      'model_providers.local.stream_max_retries=0',
    );
    const row = await waitFor('it is over', () => {
      const found = watching.row('fails');
      return found?.state === 'stopped' ? found : null;
    });
    expect(row.reason).toMatch(/^Ended with an error: stream disconnected/);
  });

  test('attempts to reconnect are no progress of a hung turn', async () => {
    const watching = watch({ session_stale_secs: 4 });
    const retries = ['stream_idle_timeout_ms=1000', 'stream_max_retries=20'];
    const settings = retries.flatMap((setting) => ['-c', `model_providers.local.${setting}`]);
    codex.exec('reconnects', standIn.told('Hang', stalled), ...settings);
    await waitFor('it has reconnected', async () => (await standIn.requests()).length > 2);
    const row = await waitFor('it is stalled', () => {
      const found = watching.row('reconnects');
      return found?.state === 'stalled' ? found : null;
    });
    const attempts = (await standIn.requests()).length;
    await waitFor('it reconnects again', async () => (await standIn.requests()).length > attempts);
    expect(watching.row('reconnects')).toMatchObject({ state: 'stalled', id: row.id });
    expect(watching.events.filter(({ kind }) => kind === 'recovered')).toEqual([]);
  });

  test('a sub-agent shows below its parent, whose turn is no hang while it works', async () => {
    const watching = watch({ session_stale_secs: 4 });
    const commands = ['sleep 2', 'sleep 2; true', 'sleep 2; true; true'].map((command) => ({ do: 'shell', command }));
    const child = standIn.told('Look', ...commands);
    const spawn = { do: 'tool', namespace: 'multi_agent_v1', name: 'spawn_agent', arguments: { message: child } };
    codex.exec('parent', standIn.told('Delegate', spawn, { do: 'stream', chunks: 70, everyMs: 100 }));
    const rows = await waitFor(
      'both are there',
      () => {
        const found = watching.rows('parent');
        return found.length === 2 ? found : null;
      },
      60_000,
    );
    const parent = rows.find(({ parentId }) => parentId === null);
    const agent = rows.find(({ parentId }) => parentId !== null);
    expect(agent?.parentId).toBe(parent?.id);
    await waitFor('its work is done', () =>
      watching.rows('parent').some(({ id, state }) => id === agent?.id && state !== 'busy'),
    );
    expect(watching.events.filter(({ kind }) => kind === 'stalled' || kind === 'dead')).toEqual([]);
    await waitFor('all is over', () => watching.rows('parent').every(({ state }) => state === 'stopped'), 30_000);
  });
});

describe.skipIf(program === null || TMUX_PROGRAM === '')('Codex in a terminal', () => {
  const escalated = {
    do: 'tool',
    name: 'exec_command',
    arguments: { cmd: 'sleep 4; true', sandbox_permissions: 'require_escalated', justification: 'May I sleep?' },
  };

  /** Start it in a terminal of its own, with a prompt; answers what is on the screen. */
  function openTerminal(prompt: string) {
    const tmux = ownTmux();
    const quoted = `'${prompt.replaceAll("'", "'\\''")}'`;
    const variables = Object.entries(codex.environment).map(([name, value]) => `${name}='${value}'`);
    const command = `env -i ${variables.join(' ')} '${codex.program}' --no-daemon -a on-request -s read-only ${quoted}`;
    tmux.start('codex', command, codex.folder('trusted'));
    return {
      screen: () => tmux.run('capture-pane', '-p', '-t', 'codex'),
      press: (...keys: string[]) => tmux.run('send-keys', '-t', 'codex', ...keys),
    };
  }

  test('what may await an approval is unknown, and known again once its command runs', async () => {
    const watching = watch({ session_stale_secs: 3 });
    const terminal = openTerminal(standIn.told('Ask', escalated));
    await waitFor('it asks the person', () => terminal.screen().includes('Would you like to run'));
    const row = await waitFor('nobody can tell', () => {
      const found = watching.row('trusted');
      return found?.health === 'unknown' ? found : null;
    });
    expect(row).toMatchObject({ state: 'busy', liveness: 'alive', needsPerson: false });
    expect(row.reason).toBe('“sleep 4; true” may await an approval: Codex writes nothing of that');
    const judgedAt = Date.now();
    await waitFor('it stays so for longer than a stale turn', () => Date.now() > judgedAt + 4_500);
    expect(watching.row('trusted')).toMatchObject({ state: 'busy', health: 'unknown' });

    terminal.press('Enter');
    await waitFor('its command runs', () => watching.row('trusted')?.reason.startsWith('Running “sleep 4; true”'));
    await waitFor('it rests', () => watching.row('trusted')?.state === 'ready');
    expect(watching.row('trusted')).toMatchObject({ reason: 'Ready', health: 'healthy' });
    expect(watching.events.filter(({ kind }) => kind === 'stalled')).toEqual([]);
  }, 120_000);

  test('a question to the person is known to wait', async () => {
    const question = {
      id: 'q',
      header: 'Colour',
      question: 'Which colour?',
      options: [
        { label: 'Red', description: 'red' },
        { label: 'Blue', description: 'blue' },
      ],
    };
    const watching = watch({ session_stale_secs: 3 });
    const terminal = openTerminal('Hello');
    await waitFor('it has answered', () => watching.row('trusted')?.state === 'ready');
    terminal.press('-l', '/plan');
    await waitFor('it offers to plan', () => /\/plan\s+\w/.test(terminal.screen()));
    terminal.press('Enter');
    await waitFor('it plans', () => terminal.screen().includes('Plan mode'));
    terminal.press(
      '-l',
      standIn.told('Ask me', { do: 'tool', name: 'request_user_input', arguments: { questions: [question] } }),
    );
    await waitFor('it is typed', () => terminal.screen().includes('Blue'));
    terminal.press('Enter');
    const row = await waitFor('it waits', () => {
      const found = watching.row('trusted');
      return found?.state === 'waiting' ? found : null;
    });
    expect(row).toMatchObject({ reason: 'Asks: Which colour?', health: 'healthy' });
    // It is written down before it is shown.
    await waitFor('it is shown', () => terminal.screen().includes('enter to submit answer'));
    terminal.press('Enter');
    await waitFor('it rests again', () => watching.row('trusted')?.state === 'ready');
  }, 120_000);
});
