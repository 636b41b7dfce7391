import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Multiplexer } from '../../../src/engine/ports';
import type { Leftover, Reading, Source } from '../../../src/engine/sources/source';
import { createWorkbenchSource } from '../../../src/engine/sources/workbench/source';
import { createFiles } from '../../../src/host/files';
import { createProcessTable } from '../../../src/host/process-table';
import { createTmux } from '../../../src/host/tmux';
import { createWorkbenchNotes } from '../../../src/host/workbench-notes';
import { defaultSettings, type Settings } from '../../../src/shared/settings';
import { absent } from '../../fakes/absent';
import { SteppedClock } from '../../fakes/stepped-clock';
import { makeWorkbench, secondsAgo } from '../../fixtures/workbench';
import { type OwnTmux, ownTmux, TMUX_PROGRAM } from '../support/own-tmux';
import { waitFor } from '../support/wait-for';

const MINUTE = 60_000;

let base: string;
let root: string;
let clock: SteppedClock;
let settings: Settings;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-workbenches-')));
  root = join(base, 'workbenches');
  mkdirSync(root);
  clock = new SteppedClock({ wallStartMs: Date.now() });
  clock.step(24 * 60 * MINUTE);
  clock.jumpWall(-24 * 60 * MINUTE);
  settings = defaultSettings();
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

interface Followed {
  source: Source;
  /** Some seconds later: tmux asked again, everything gone through. Resolves with who has news. */
  next(): Promise<string[]>;
  /** As many times as it takes to know who is gone. */
  settle(): Promise<void>;
  reading(name: string): Reading;
  names(): string[];
  left: string[];
  leftover(name: string): Leftover;
}

function follow(multiplexer: Multiplexer, roots = [root]): Followed {
  const source = createWorkbenchSource({
    ...absent,
    files: createFiles(),
    clock,
    processTable: createProcessTable(),
    multiplexer,
    routinesDirectory: join(base, 'routines'),
    settings: () => settings,
  });
  source.setRoots(roots);
  const found = new Map<string, string>();
  const left: string[] = [];
  const listener = {
    onFound: (id: string) => {
      const path = source.look(id, 'full')?.path ?? '';
      found.set(basename(path), id);
    },
    onLeft: (id: string) => left.push(basename(id)),
  };
  const idOf = (name: string) => {
    const id = found.get(name);
    if (!id) throw new Error(`${name} is not among ${[...found.keys()].join(', ')}`);
    return id;
  };
  const followed: Followed = {
    source,
    left,
    names: () => [...found.keys()].sort(),
    async next() {
      clock.step(5_000);
      const news = (await source.refresh?.()) ?? [];
      for (const _ of source.sweep(listener));
      return news.map((id) => basename(id));
    },
    async settle() {
      for (let asked = 0; asked < 3; asked += 1) await followed.next();
    },
    reading(name) {
      const reading = source.look(idOf(name), 'full');
      if (!reading) throw new Error(`${name} is gone`);
      return reading;
    },
    leftover(name) {
      const leftover = source.leftovers?.().find(({ path }) => basename(path) === name);
      if (!leftover) throw new Error(`${name} is not left over`);
      return leftover;
    },
  };
  return followed;
}

/** What asks for a workbench on a real server of the test. */
function followOn(server: OwnTmux): Followed {
  return follow(createTmux({ environment: server.environment }));
}

/** A server that is always there, so that an empty answer is not the only one. */
function busyServer(): OwnTmux {
  const server = ownTmux();
  server.start('somebody-elses');
  return server;
}

const whyNot = ({ source }: Followed, id: string) => source.whyNotFinished?.(id) ?? Promise.resolve('not asked');

describe.skipIf(!TMUX_PROGRAM)('a workbench whose session lives', () => {
  it('is busy, measured from the time in its name, and told by its whole name', async () => {
    const server = ownTmux();
    const time = secondsAgo(10 * MINUTE);
    const [one, ten] = [`foo-${time}`, `foo-${time}0`];
    for (const name of [one, ten]) makeWorkbench(root, name, { log: 'hello\n' });
    server.start(`moadim-${ten}`, 'sleep 300', join(root, ten));
    const followed = followOn(server);
    await followed.settle();
    expect(followed.reading(ten)).toMatchObject({ declared: 'busy', existence: { liveness: 'alive' } });
    expect(followed.reading(one)).toMatchObject({
      declared: 'stopped',
      existence: { liveness: 'gone' },
      session: null,
    });
    server.start(`moadim-${one}`, 'sleep 300', join(root, one));
    expect(await followed.next()).toEqual([one]);
    const reading = followed.reading(one);
    expect(reading).toMatchObject({
      name: 'foo',
      runId: 'workbenches',
      declared: 'busy',
      heartbeat: null,
      progress: null,
      otherLife: null,
      stoppedReason: null,
      session: { name: `moadim-${one}` },
      runTime: { started: { at: time * 1000 }, limitMs: 3_600_000 },
    });
    expect(clock.monotonicMs() - (reading.runTime?.started.monotonicMs ?? 0)).toBeCloseTo(
      clock.wallMs() - time * 1000,
      -1,
    );
    const pane = Number(server.run('list-panes', '-t', `=moadim-${one}:`, '-F', '#{pane_pid}'));
    expect(reading.claim).toMatchObject({ pid: pane, from: 'session' });
    expect(followed.source.leftovers?.()).toEqual([]);
  });

  it('is found with dots and colons in its name, and with a pid at its end', async () => {
    const server = ownTmux();
    const names = [`a.b:c-${secondsAgo(MINUTE)}`, `d-${secondsAgo(MINUTE)}_4711`];
    for (const name of names) {
      makeWorkbench(root, name, { log: '' });
      server.start(`moadim-${name}`);
    }
    const followed = followOn(server);
    await followed.next();
    expect(names.map((name) => followed.reading(name).existence?.liveness)).toEqual(['alive', 'alive']);
  });

  it('is not confused with another whose name tmux writes alike', async () => {
    const server = ownTmux();
    const time = secondsAgo(MINUTE);
    const [dot, colon] = [`a.b-${time}`, `a:b-${time}`];
    for (const name of [dot, colon]) makeWorkbench(root, name, { log: 'x' });
    server.start(`moadim-${dot}`, 'sleep 300', join(root, dot));
    const followed = followOn(server);
    await followed.settle();
    expect(followed.reading(dot)).toMatchObject({ declared: 'busy', existence: { liveness: 'alive' } });
    expect(followed.reading(colon)).toMatchObject({
      declared: null,
      session: null,
      existence: { liveness: 'unknown' },
    });
  });

  it('reads a time in the future as age 0', async () => {
    const server = ownTmux();
    const name = `foo-${secondsAgo(-60 * MINUTE)}`;
    makeWorkbench(root, name);
    server.start(`moadim-${name}`);
    const followed = followOn(server);
    clock.step(5_000);
    await followed.next();
    expect(followed.reading(name).runTime?.started.monotonicMs).toBe(clock.monotonicMs());
  });

  it('shows its log, and counts what is written to it', async () => {
    const server = ownTmux();
    const name = `foo-${secondsAgo(MINUTE)}`;
    const path = makeWorkbench(root, name, { log: 'one\n' });
    server.start(`moadim-${name}`);
    const followed = followOn(server);
    await followed.next();
    expect(followed.reading(name).newActivity).toBe(0);
    writeFileSync(join(path, 'agent.log'), 'two\nthree\n', { flag: 'a' });
    const reading = followed.reading(name);
    expect(reading.newActivity).toBe(2);
    expect(reading.traces.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      `session: moadim-${name}, 1 pane`,
      'run_time: allowed 1 h',
      'log: agent.log, 14 B',
    ]);
    expect(followed.source.logTail(reading.id, 6)).toEqual(
      expect.objectContaining({ file: 'agent.log', text: 'three\n' }),
    );
  });
});

describe.skipIf(!TMUX_PROGRAM)('a workbench whose session is gone', () => {
  it.each([
    ['0', 'Finished'],
    ['3', 'Finished with exit code 3'],
    ['killed', 'Was ended before it had finished'],
    [undefined, 'Its session has ended'],
    ['no number', 'Its session has ended'],
  ])('says by exit code %s: %s', async (exitCode, reason) => {
    const name = `foo-${secondsAgo(10 * MINUTE)}`;
    makeWorkbench(root, name, { log: 'x', ...(exitCode === undefined ? {} : { exitCode }) });
    const followed = followOn(ownTmux());
    await followed.settle();
    expect(followed.reading(name)).toMatchObject({ declared: 'stopped', stoppedReason: reason, runTime: null });
  });

  it('is so after two answers without it, and runs until then', async () => {
    const server = busyServer();
    const name = `foo-${secondsAgo(MINUTE)}`;
    makeWorkbench(root, name, { log: 'x' });
    server.start(`moadim-${name}`);
    const followed = followOn(server);
    await followed.next();
    server.run('kill-session', '-t', `=moadim-${name}`);
    expect(await followed.next()).toEqual([name]);
    expect(followed.reading(name)).toMatchObject({
      declared: 'busy',
      session: null,
      existence: { liveness: 'unknown' },
    });
    expect(await followed.next()).toEqual([name]);
    expect(followed.reading(name)).toMatchObject({ declared: 'stopped', existence: { liveness: 'gone' } });
    expect(await followed.next()).toEqual([]);
  });

  it('begins only, while its session has not been there and nothing is written', async () => {
    const server = busyServer();
    const name = `foo-${secondsAgo(MINUTE)}`;
    makeWorkbench(root, name);
    const followed = followOn(server);
    await followed.settle();
    expect(followed.reading(name)).toMatchObject({ declared: 'starting', existence: { liveness: 'unknown' } });
    expect(followed.source.leftovers?.()).toEqual([]);
    clock.step(60 * MINUTE);
    await followed.settle();
    expect(followed.reading(name)).toMatchObject({ declared: 'stopped', existence: { liveness: 'gone' } });
  });
});

describe.skipIf(!TMUX_PROGRAM)('tmux that cannot be asked', () => {
  const none = createTmux({ environment: { PATH: '/there/is/no/such/directory' } });

  it('makes a workbench unknown, and nobody finished', async () => {
    const name = `foo-${secondsAgo(120 * MINUTE)}`;
    makeWorkbench(root, name, { log: 'x', exitCode: '0' });
    const followed = follow(none);
    await followed.settle();
    const reading = followed.reading(name);
    expect(reading).toMatchObject({ declared: null, runTime: null, session: null, stoppedReason: null });
    expect(reading.existence).toEqual({
      liveness: 'unknown',
      reason: 'whether its tmux session lives is not known: tmux is not installed, or not in the PATH',
    });
    expect(followed.source.leftovers?.()).toEqual([]);
    expect(await whyNot(followed, reading.id)).toMatch(/not known: tmux is not installed/);
  });

  it('leaves one that ran running, and one that had finished unknown', async () => {
    const server = busyServer();
    const [runs, over] = [`runs-${secondsAgo(MINUTE)}`, `over-${secondsAgo(MINUTE)}`];
    for (const name of [runs, over]) makeWorkbench(root, name, { log: 'x' });
    server.start(`moadim-${runs}`);
    const real = createTmux({ environment: server.environment });
    let fails = false;
    const followed = follow({ ...real, sessions: () => (fails ? none : real).sessions() });
    await followed.settle();
    fails = true;
    await followed.next();
    expect(followed.reading(runs)).toMatchObject({
      declared: 'busy',
      existence: { liveness: 'unknown' },
      session: null,
    });
    expect(followed.reading(runs).runTime).not.toBeNull();
    expect(followed.reading(over)).toMatchObject({ declared: 'stopped', existence: { liveness: 'unknown' } });
    expect(await whyNot(followed, followed.leftover(over).workerId)).toMatch(/not known: tmux is not installed/);
  });

  it('is not asked where nobody named a directory', () => {
    expect(follow(none, []).source.refresh?.()).toBeNull();
  });
});

describe.skipIf(!TMUX_PROGRAM)('what is left over', () => {
  it('was over when its log was written last, but not before it began', async () => {
    const time = secondsAgo(30 * MINUTE);
    const logAt = (time + 300) * 1000;
    makeWorkbench(root, `later-${time}`, { log: 'x', logAt });
    makeWorkbench(root, `earlier-${time}`, { log: 'x', logAt: 1_000_000_000_000 });
    makeWorkbench(root, `ahead-${time}`, { log: 'x', logAt: Date.now() + 600_000 });
    makeWorkbench(root, `none-${time}`, { exitCode: '0', changedAt: logAt });
    symlinkSync('/etc/passwd', join(makeWorkbench(root, `link-${time}`), 'agent.log'));
    utimesSync(join(root, `link-${time}`), logAt / 1000, logAt / 1000);
    const followed = followOn(ownTmux());
    await followed.settle();
    const finished = (slug: string) => followed.leftover(`${slug}-${time}`).finishedAt;
    expect(finished('later')).toBe(logAt);
    expect(finished('none')).toBe(logAt);
    expect(finished('link')).toBe(logAt);
    expect(finished('earlier')).toBe(time * 1000);
    expect(followed.leftover(`ahead-${time}`).finishedAgeMs).toBe(0);
    expect(followed.leftover(`later-${time}`)).toMatchObject({
      source: 'workbench',
      name: 'later',
      root,
      path: join(root, `later-${time}`),
      startedAt: time * 1000,
      ttlMs: 3_600_000,
      finishedAgeMs: clock.wallMs() - logAt,
    });
  });

  it('reads no link that leads out, and says so', async () => {
    const name = `foo-${secondsAgo(30 * MINUTE)}`;
    const path = makeWorkbench(root, name);
    symlinkSync('/etc/passwd', join(path, 'agent.log'));
    symlinkSync('/etc/passwd', join(path, 'exit_code'));
    const followed = followOn(ownTmux());
    await followed.settle();
    const reading = followed.reading(name);
    expect(reading.problems).toEqual(['Cannot read agent.log: it is a link that leads out of the worker directory']);
    expect(reading.stoppedReason).toBe('Its session has ended');
    expect(followed.source.logTail(reading.id, 100)).toBeNull();
  });

  it('is finished where nothing uses it, and not while something does', async () => {
    const server = busyServer();
    const name = `foo-${secondsAgo(30 * MINUTE)}`;
    const path = makeWorkbench(root, name, { log: 'x' });
    const followed = followOn(server);
    await followed.settle();
    const { workerId } = followed.leftover(name);
    // Other tests may run processes that hide where they work.
    await waitFor('nothing uses it', async () => (await whyNot(followed, workerId)) === null);

    server.start('works-there', 'sleep 300', path);
    const pane = Number(server.run('list-panes', '-t', '=works-there:', '-F', '#{pane_pid}'));
    await waitFor('it is named', async () => (await whyNot(followed, workerId))?.startsWith(`process ${pane} `));
    server.run('kill-session', '-t', '=works-there');
    await waitFor('it has left', async () => (await whyNot(followed, workerId)) === null);

    server.start(`moadim-${name}`);
    expect(await whyNot(followed, workerId)).toBe('its tmux session lives');
    server.run('kill-session', '-t', `=moadim-${name}`);
    await waitFor('it has ended', async () => (await whyNot(followed, workerId)) === null);

    writeFileSync(join(path, 'agent.log'), 'more', { flag: 'a' });
    expect(await whyNot(followed, workerId)).toBe('it was written to just now');
    followed.leftover(name);
    await waitFor('that is known now', async () => (await whyNot(followed, workerId)) === null);
  });

  it('is in use by what is left of its session, though that works elsewhere', async () => {
    const server = busyServer();
    const name = `foo-${secondsAgo(30 * MINUTE)}`;
    makeWorkbench(root, name, { log: 'x' });
    const pidFile = join(base, 'pid');
    server.start(`moadim-${name}`, `cd /; (trap '' HUP; exec sleep 300) & echo $! > ${pidFile}; wait`);
    const left = Number(await waitFor('it runs', () => readOr(pidFile)));
    try {
      const followed = followOn(server);
      await followed.settle();
      server.run('kill-session', '-t', `=moadim-${name}`);
      await followed.settle();
      const { workerId } = followed.leftover(name);
      const reason = `process ${left} (sleep) is left of its session`;
      await waitFor('it is named', async () => (await whyNot(followed, workerId)) === reason);
    } finally {
      process.kill(left, 'SIGKILL');
    }
  });

  it('stays where the number in its name is no time', async () => {
    makeWorkbench(root, 'my-project-2', { log: 'x' });
    const followed = followOn(ownTmux());
    await followed.settle();
    expect(await whyNot(followed, followed.leftover('my-project-2').workerId)).toBe(
      'the number in its name is not the time of a run',
    );
  });

  it('has finished when it did, whatever we noted in it later', async () => {
    const time = secondsAgo(30 * MINUTE);
    const logAt = (time + 60) * 1000;
    const path = makeWorkbench(root, `foo-${time}`, { log: 'x', logAt });
    await createWorkbenchNotes().ended(path, 'ended by us');
    const followed = followOn(ownTmux());
    await followed.settle();
    expect(followed.leftover(`foo-${time}`).finishedAt).toBe(logAt);
    expect(followed.reading(`foo-${time}`).stoppedReason).toBe('Was ended before it had finished');
  });
});

describe.skipIf(!TMUX_PROGRAM)('routines and settings', () => {
  function routine(directory: string, toml: string, cron?: string): void {
    const path = join(base, 'routines', directory);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'routine.toml'), toml);
    if (cron !== undefined) writeFileSync(join(path, 'schedule.cron'), cron);
  }

  /** Allowed run time and time to be kept, in seconds. */
  async function limitsOf(slug: string): Promise<[number, number]> {
    const server = ownTmux();
    const [runs, over] = [`${slug}-${secondsAgo(10_000)}`, `${slug}-${secondsAgo(MINUTE)}`];
    for (const name of [runs, over]) makeWorkbench(root, name, { log: 'x' });
    server.start(`moadim-${runs}`);
    const followed = followOn(server);
    await followed.settle();
    return [(followed.reading(runs).runTime?.limitMs ?? 0) / 1000, followed.leftover(over).ttlMs / 1000];
  }

  it('gives the ceilings to a workbench without a routine', async () => {
    routine('other', 'title = "Other"\nttl_secs = 5\nmax_runtime_secs = 5\n');
    expect(await limitsOf('foo')).toEqual([3_600, 3_600]);
  });

  it('goes by the routine in a directory of that name, at any depth', async () => {
    routine('team/foo', 'title = "Something else"\nttl_secs = 600\nmax_runtime_secs = 900\n');
    expect(await limitsOf('foo')).toEqual([900, 600]);
  });

  it('goes by the title, and by the time between two firings', async () => {
    routine('0b9d', 'title = "Foo!"\nttl_secs = 7200\n', '*/5 * * * *\n');
    expect(await limitsOf('foo')).toEqual([300, 300]);
  });

  it('lets nobody lengthen them', async () => {
    routine('foo', 'title = "Foo"\nttl_secs = 86400\nmax_runtime_secs = 86400\n', '0 9 * * *\n');
    expect(await limitsOf('foo')).toEqual([3_600, 3_600]);
    settings = { ...settings, workbenchMaxRuntimeSecs: 60, workbenchTtlSecs: 0 };
    expect(await limitsOf('foo')).toEqual([60, 0]);
  });

  it('passes over a routine that cannot be read', async () => {
    routine('foo', 'title = "Foo"\nttl_se');
    mkdirSync(join(base, 'routines', 'x', 'routine.toml'), { recursive: true });
    expect(await limitsOf('foo')).toEqual([3_600, 3_600]);
  });

  it('notices a routine that was changed', async () => {
    routine('foo', 'title = "Foo"\nmax_runtime_secs = 900\n');
    const server = ownTmux();
    const name = `foo-${secondsAgo(MINUTE)}`;
    makeWorkbench(root, name);
    server.start(`moadim-${name}`);
    const followed = followOn(server);
    await followed.next();
    expect(followed.reading(name).runTime?.limitMs).toBe(900_000);
    routine('foo', 'title = "Foo"\nmax_runtime_secs = 30\n');
    clock.step(30_000);
    expect(await followed.next()).toEqual([name]);
    expect(followed.reading(name).runTime?.limitMs).toBe(30_000);
  });
});

describe('directories', () => {
  const nobody: Multiplexer = {
    sessions: async () => ({ ok: true, sessions: [] }),
    endSession: async () => ({ ok: false, reason: 'not asked here' }),
  };

  it('are workbenches only where their names fit, and no links', async () => {
    const time = secondsAgo(MINUTE);
    const outside = makeWorkbench(base, `outside-${time}`);
    for (const name of [`fits-${time}`, 'notes', `.git-${time}x`, `back\\slash-${time}`, `${time}`])
      makeWorkbench(root, name);
    symlinkSync(outside, join(root, `link-${time}`));
    writeFileSync(join(root, `file-${time}`), '');
    const followed = follow(nobody);
    await followed.settle();
    expect(followed.names()).toEqual([`fits-${time}`]);
    expect(followed.source.roots()).toEqual([{ path: root, workers: 1, unreadable: null }]);
    expect(followed.source.rootDirectories()).toEqual([root]);
  });

  it('that cannot be read keep what was in them', async () => {
    const name = `foo-${secondsAgo(MINUTE)}`;
    makeWorkbench(root, name);
    const followed = follow(nobody);
    await followed.next();
    rmSync(root, { recursive: true });
    await followed.next();
    expect(followed.source.roots()).toEqual([{ path: root, workers: 1, unreadable: 'there is no such directory' }]);
    expect(followed.source.look(`workbench:${join(root, name)}`, 'full')).toBeNull();
  });

  it('that are removed, or not watched any more, leave', async () => {
    const names = [`a-${secondsAgo(MINUTE)}`, `b-${secondsAgo(MINUTE)}`];
    for (const name of names) makeWorkbench(root, name);
    const followed = follow(nobody);
    await followed.next();
    rmSync(join(root, names[0]!), { recursive: true });
    await followed.next();
    expect(followed.left).toEqual([names[0]]);
    followed.source.setRoots([]);
    await followed.next();
    expect(followed.left).toEqual(names);
  });
});

function readOr(path: string): string | null {
  const got = createFiles().read(path, base, 100);
  return got.ok ? new TextDecoder().decode(got.data).trim() || null : null;
}
