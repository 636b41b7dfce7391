import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Monitor } from '../../src/engine/monitor-types';
import type { MonitorEvent, WorkerRow } from '../../src/shared/model';
import type { Settings } from '../../src/shared/settings';
import { World } from './truth-table/world';

/** Rollouts of Codex in real files, by a stepped clock, with the processes a test tells of. */

const THREADS = ['01a20272-0000-7000-8000-00000000000a', '01a20272-0000-7000-8000-00000000000b'] as const;
const [A, B] = THREADS;
const PID = 7_001;

/** The path of a thread's rollout below the world's directory. */
const rollout = (thread: string, day = '2026/11/22') =>
  `codex/sessions/${day}/rollout-${day.replaceAll('/', '-')}T08-00-00-${thread}.jsonl`;

interface Watched {
  world: World;
  monitor: Monitor;
  events: MonitorEvent[];
  /** Add a line to a thread's rollout, as of now. */
  tell(thread: string, type: string, payload: object): void;
  row(thread: string): WorkerRow | undefined;
  pass(seconds: number): Promise<void>;
}

interface Options {
  settings?: Partial<Settings>;
  before?(world: World, tell: Watched['tell']): void;
}

async function watch({ settings = {}, before }: Options = {}): Promise<Watched> {
  const world = new World();
  world.put('codex/config.toml', '');
  const tell: Watched['tell'] = (thread, type, payload) =>
    world.append(rollout(thread), { timestamp: world.iso(), type, payload });
  before?.(world, tell);
  const monitor = world.watch({ codex: [world.path('codex')] }, settings);
  const events: MonitorEvent[] = [];
  monitor.onEvent((event) => events.push(event));
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) await world.second();
  };
  await pass(2);
  const row = (thread: string) => monitor.snapshot().workers.find(({ id }) => id.includes(thread));
  return { world, monitor, events, tell, row, pass };
}

type Tell = Watched['tell'];
const begin = (tell: Tell, thread: string) => {
  tell(thread, 'session_meta', { id: thread, cwd: '/no/such/folder', source: 'cli' });
  tell(thread, 'event_msg', { type: 'user_message', message: `This is ${thread.slice(-1)}` });
};
const startTurn = (tell: Tell, thread: string) => tell(thread, 'event_msg', { type: 'task_started' });
const endTurn = (tell: Tell, thread: string) => tell(thread, 'event_msg', { type: 'task_complete' });
const holding = (world: World, ...threads: string[]) =>
  threads.map((thread) => ({ path: world.path(rollout(thread)), writing: true }));

/** A whole session that ended before: nobody holds it. */
const finished = (_world: World, tell: Tell) => {
  begin(tell, A);
  startTurn(tell, A);
  endTurn(tell, A);
};

describe('who holds a rollout', () => {
  it('a finished session that is resumed by another process is never dead in between', async () => {
    const { world, row, tell, pass, events } = await watch({ before: finished });
    await pass(60);
    expect(row(A)).toMatchObject({ state: 'stopped', reason: 'Finished', name: 'This is a' });
    world.start({ pid: PID, name: 'codex', files: holding(world, A) });
    startTurn(tell, A);
    await pass(3);
    expect(row(A)).toMatchObject({ state: 'busy', liveness: 'alive', pid: PID });
    endTurn(tell, A);
    world.end(PID);
    await pass(3);
    expect(row(A)).toMatchObject({ state: 'stopped', reason: 'Finished' });
    world.start({ pid: PID + 1, name: 'codex', files: holding(world, A) });
    startTurn(tell, A);
    await pass(3);
    expect(row(A)).toMatchObject({ state: 'busy', liveness: 'alive', pid: PID + 1 });
    expect(events.filter(({ kind }) => kind === 'dead')).toEqual([]);
  });

  it('one process may hold several sessions; one that it closes is over, though the process lives', async () => {
    const { world, row, tell, pass } = await watch({
      before(world, tell) {
        for (const thread of THREADS) begin(tell, thread);
        world.start({ pid: PID, name: 'codex', files: holding(world, A, B) });
        startTurn(tell, B);
      },
    });
    expect(row(A)).toMatchObject({ state: 'ready', liveness: 'alive', pid: PID });
    expect(row(B)).toMatchObject({ state: 'busy', liveness: 'alive', pid: PID });
    const held = world.table.processes.find(({ pid }) => pid === PID);
    if (held) held.files = holding(world, B);
    await pass(3);
    expect(row(A)).toMatchObject({ state: 'stopped', reason: 'Closed', liveness: 'gone', canEnd: false });
    tell(B, 'event_msg', { type: 'other' });
    await pass(1);
    expect(row(B)).toMatchObject({ state: 'busy', liveness: 'alive' });
  });

  it('Codex by another name is found, too', async () => {
    const { row, pass } = await watch({
      before(world, tell) {
        begin(tell, A);
        startTurn(tell, A);
        world.start({ pid: PID, name: 'my-wrapper', files: holding(world, A) });
      },
    });
    await pass(3);
    expect(row(A)).toMatchObject({ state: 'busy', liveness: 'alive', pid: PID });
  });

  it('one whose process is not to be seen from here is never called dead', async () => {
    const { row, tell, pass, events } = await watch({
      before(_world, tell) {
        begin(tell, A);
        startTurn(tell, A);
      },
    });
    for (let line = 0; line < 20; line += 1) {
      await pass(10);
      tell(A, 'event_msg', { type: 'other' });
    }
    expect(row(A)).toMatchObject({ state: 'busy', health: 'healthy', liveness: 'unknown' });
    await pass(120);
    expect(row(A)).toMatchObject({ state: 'busy', liveness: 'unknown' });
    expect(events.filter(({ kind }) => kind === 'dead')).toEqual([]);
    endTurn(tell, A);
    await pass(3);
    expect(row(A)?.state).toBe('ready');
    await pass(700);
    expect(row(A)).toMatchObject({ state: 'stopped', reason: 'Finished' });
  });
});

describe('what may await an approval', () => {
  const asks = (tell: Tell, policy: string) => {
    begin(tell, A);
    startTurn(tell, A);
    tell(A, 'turn_context', { approval_policy: policy });
    const call = { type: 'function_call', name: 'exec_command', call_id: 'call_1', arguments: '{"cmd":"make"}' };
    tell(A, 'response_item', call);
  };

  it('is not in question where nothing has to be approved: a command too long is stalled', async () => {
    const { row, pass } = await watch({
      before(world, tell) {
        asks(tell, 'never');
        world.start({ pid: PID, name: 'codex', files: holding(world, A) });
      },
    });
    expect(row(A)).toMatchObject({ state: 'busy', health: 'healthy', reason: 'Running “make” (allowed 5 min)' });
    await pass(310);
    expect(row(A)).toMatchObject({ state: 'stalled' });
  });

  it.each([
    ['carries the id of the call', { environment: { CODEX_TOOL_CALL_ID: 'call_1' } }, 'Running “make” (allowed 5 min)'],
    ['runs the command, of older versions', { args: ['bash', '-lc', 'make'] }, 'Running “make” (allowed 5 min)'],
    [
      'carries the id of another call',
      { environment: { CODEX_TOOL_CALL_ID: 'call_2' }, args: ['bash', '-lc', 'make'] },
      '“make” may await an approval: Codex writes nothing of that',
    ],
  ])('a process that %s', async (_what, child, reason) => {
    const { row, pass } = await watch({
      before(world, tell) {
        asks(tell, 'on-request');
        world.start({ pid: PID, name: 'codex', files: holding(world, A) });
        world.start({ pid: PID + 1, ppid: PID, ...child });
      },
    });
    await pass(8);
    expect(row(A)).toMatchObject({ state: 'busy', reason });
  });

  it('is in question as well where nobody can look at its processes', async () => {
    const { row, pass } = await watch({ before: (_world, tell) => asks(tell, 'on-request') });
    await pass(8);
    expect(row(A)).toMatchObject({ state: 'busy', health: 'unknown' });
  });

  it('a parent that waits for a sub-agent in question is in question', async () => {
    const { row, pass } = await watch({
      before(world, tell) {
        asks(tell, 'on-request');
        tell(B, 'session_meta', { id: B, cwd: '/' });
        startTurn(tell, B);
        const wait = { type: 'function_call', name: 'wait_agent', call_id: 'call_9', arguments: '{}' };
        tell(B, 'response_item', wait);
        const text = readFileSync(world.path(rollout(A)), 'utf8').replace('"cwd"', `"parent_thread_id":"${B}","cwd"`);
        world.put(rollout(A), text);
        world.start({ pid: PID, name: 'codex', files: holding(world, A, B) });
      },
    });
    await pass(8);
    expect(row(A)).toMatchObject({ parentId: row(B)?.id, health: 'unknown' });
    expect(row(B)).toMatchObject({ state: 'busy', health: 'unknown' });
    expect(row(B)?.reason).toMatch(/^It waits for a sub-agent: “make” may await an approval/);
  });

  it('a parent is no more silent than its sub-agent, and as silent as that once it is silent', async () => {
    const { row, pass, tell } = await watch({
      before(world, tell) {
        begin(tell, A);
        startTurn(tell, A);
        tell(B, 'session_meta', { id: B, parent_thread_id: A });
        startTurn(tell, B);
        world.start({ pid: PID, name: 'codex', files: holding(world, A, B) });
      },
    });
    for (let minute = 0; minute < 8; minute += 1) {
      await pass(60);
      tell(B, 'event_msg', { type: 'other' });
      expect(row(A)).toMatchObject({ state: 'busy', health: 'healthy' });
    }
    endTurn(tell, B);
    await pass(60);
    expect(row(A)).toMatchObject({ state: 'busy', health: 'healthy' });
    await pass(260);
    expect(row(A)).toMatchObject({ state: 'stalled' });
  });

  it('threads that name one another as parents harm nobody', async () => {
    const { row, pass } = await watch({
      before(world, tell) {
        tell(A, 'session_meta', { id: A, parent_thread_id: B });
        tell(B, 'session_meta', { id: B, parent_thread_id: A });
        for (const thread of THREADS) startTurn(tell, thread);
        world.start({ pid: PID, name: 'codex', files: holding(world, A, B) });
      },
    });
    await pass(3);
    expect([row(A)?.state, row(B)?.state]).toEqual(['busy', 'busy']);
  });
});

describe('which sessions are shown', () => {
  it('a new one is noticed within seconds', async () => {
    const { row, tell, pass } = await watch({ settings: { sweepIntervalMs: 600_000 } });
    begin(tell, A);
    await pass(4);
    expect(row(A)?.name).toBe('This is a');
  });

  it('those of the last day, and those that are held open', async () => {
    const { world, row, pass, monitor, events } = await watch({
      before(world, tell) {
        begin(tell, A);
        begin(tell, B);
        endTurn(tell, A);
        endTurn(tell, B);
        world.start({ pid: PID, name: 'codex', files: holding(world, B) });
      },
    });
    expect(monitor.snapshot().workers).toHaveLength(2);
    world.clock.step(25 * 3_600_000);
    await pass(120);
    expect(row(A)).toBeUndefined();
    expect(row(B)).toMatchObject({ state: 'ready' });
    expect(events.filter(({ kind }) => kind === 'left').map(({ text }) => text)).toEqual([
      'Nothing was written to it for a day',
    ]);
    world.end(PID);
    await pass(120);
    expect(row(B)).toBeUndefined();
  });

  it('no more than two hundred, the newest', async () => {
    const threads = Array.from({ length: 230 }, (_, at) => `01a20272-0000-7000-8000-${String(at).padStart(12, '0')}`);
    const { monitor, row } = await watch({
      before(world, tell) {
        for (const thread of threads) {
          begin(tell, thread);
          world.clock.step(10);
        }
      },
    });
    expect(monitor.snapshot().workers).toHaveLength(200);
    expect(row(threads.at(-1) ?? '')).toBeDefined();
    expect(row(threads[0] ?? '')).toBeUndefined();
  });

  it('nothing but regular files of that name', async () => {
    const { monitor } = await watch({
      before(world, tell) {
        begin(tell, A);
        const day = world.path('codex/sessions/2026/11/22');
        world.put(`secret/rollout-x-${B}.jsonl`, 'x');
        symlinkSync(world.path(`secret/rollout-x-${B}.jsonl`), join(day, `rollout-y-${B}.jsonl`));
        execFileSync('mkfifo', [join(day, `rollout-z-${B}.jsonl`)]);
        mkdirSync(join(day, `rollout-d-${B}.jsonl`));
        world.put('codex/sessions/notes/22/x.jsonl', 'x');
      },
    });
    expect(monitor.snapshot().workers.map(({ id }) => id.includes(A))).toEqual([true]);
    expect(monitor.roots()).toMatchObject([{ workers: 1, unreadable: null }]);
  });

  it('a directory without sessions is none the worse; one that is missing is said to be', async () => {
    const { world, monitor, pass } = await watch();
    expect(monitor.roots()).toMatchObject([{ workers: 0, unreadable: null }]);
    world.remove('codex');
    await pass(120);
    expect(monitor.roots()).toMatchObject([{ unreadable: 'there is no such directory' }]);
  });
});

describe('what a rollout says', () => {
  it('of another format is unknown and told once; the others go on', async () => {
    const { row, tell, pass, events } = await watch({
      before(_world, tell) {
        tell(A, 'thread', { id: A });
        begin(tell, B);
        startTurn(tell, B);
      },
    });
    for (let line = 0; line < 5; line += 1) {
      tell(A, 'turn', {});
      await pass(5);
    }
    expect(row(A)).toMatchObject({ health: 'unknown' });
    expect(row(A)?.reason).toBe('Cannot be read: expected a session_meta line first, found none');
    expect(events.filter(({ kind }) => kind === 'notice').map(({ text }) => text)).toEqual([
      'Its rollout cannot be understood: expected a session_meta line first, found none',
    ]);
    expect(row(B)).toMatchObject({ state: 'busy', health: 'healthy' });
  });

  it('of a format that changes in the middle is unknown while it does, and told once', async () => {
    const answer = (thread: string) => tell(thread, 'response_item', { type: 'message', role: 'assistant' });
    const said = (thread: string) => tell(thread, 'event_msg', { type: 'user_message', message: 'Go on' });
    const { world, row, tell, pass, events } = await watch({
      before(world, tell) {
        for (const thread of THREADS) begin(tell, thread);
        world.start({ pid: PID, name: 'codex', files: holding(world, ...THREADS) });
      },
    });
    startTurn(tell, B);
    for (let turn = 0; turn < 3; turn += 1) {
      if (turn === 0) startTurn(tell, A);
      else tell(A, 'event_msg', { type: 'turn_begun' });
      said(A);
      answer(A);
      await pass(2);
      expect(row(A)?.health).toBe(turn === 0 ? 'healthy' : 'unknown');
      endTurn(tell, A);
      await pass(2);
      expect(row(A)).toMatchObject({ state: 'ready', health: 'healthy' });
    }
    const line = 'expected an event_msg of type task_started before an answer, found turn_begun';
    expect(events.filter(({ kind }) => kind === 'notice').map(({ text }) => text)).toEqual([
      `Its rollout cannot be understood: ${line}`,
    ]);
    expect(row(B)).toMatchObject({ state: 'busy', health: 'healthy' });
    expect(world.warnings).toEqual([]);
  });

  it('of another format says nothing against its process having ended', async () => {
    const { world, row, pass } = await watch({
      before(world, tell) {
        startTurn(tell, A);
        world.start({ pid: PID, name: 'codex', files: holding(world, A) });
      },
    });
    await pass(5);
    expect(row(A)).toMatchObject({ state: 'busy', health: 'unknown', liveness: 'alive' });
    world.end(PID);
    await pass(60);
    expect(row(A)).toMatchObject({ state: 'dead' });
  });

  it('is read from its end where it is very long, its beginning apart', async () => {
    const { row, pass, tell } = await watch({
      before(world, tell) {
        begin(tell, A);
        startTurn(tell, A);
        const noise = `${JSON.stringify({ timestamp: world.iso(), type: 'response_item', payload: { type: 'reasoning', text: 'x'.repeat(4_000) } })}\n`;
        world.put(rollout(A), readFileSync(world.path(rollout(A)), 'utf8') + noise.repeat(3_000));
        tell(A, 'response_item', { type: 'message', role: 'assistant' });
        world.start({ pid: PID, name: 'codex', files: holding(world, A) });
      },
    });
    await pass(3);
    expect(row(A)).toMatchObject({ name: 'This is a', state: 'busy', liveness: 'alive' });
    endTurn(tell, A);
    await pass(3);
    expect(row(A)).toMatchObject({ state: 'ready' });
  });

  it('a turn over its time is said to be', async () => {
    const { row, tell, pass } = await watch({
      settings: { sessionMaxRunMinutes: 10 },
      before(world, tell) {
        begin(tell, A);
        startTurn(tell, A);
        world.start({ pid: PID, name: 'codex', files: holding(world, A) });
      },
    });
    for (let minute = 0; minute < 11; minute += 1) {
      await pass(60);
      tell(A, 'event_msg', { type: 'other' });
    }
    await pass(3);
    expect(row(A)).toMatchObject({ state: 'stalled' });
    expect(row(A)?.reason).toMatch(/^Running for 11 min.* \(allowed 10 min\)$/);
  });
});
