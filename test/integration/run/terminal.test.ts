import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import type { IPty } from '@lydell/node-pty';
import { expect, it } from 'vitest';
import { waitFor } from '../support/wait-for';
import { runBench } from './bench';

const { spawn } = createRequire(import.meta.url)('@lydell/node-pty') as typeof import('@lydell/node-pty');

const bench = runBench();

interface Seated {
  terminal: IPty;
  seen(): string;
  ended: Promise<{ exitCode: number; signal?: number }>;
}

const END = 'the line is done';

/**
 * A shell line at a terminal of 90 columns and 20 rows; `RUN` in it is idlewatch run. The shell ends only once all it has
 * put out was read: this end of the terminal drops what comes later than 200 ms after that.
 */
function sit(line: string, run: string[]): Seated {
  const command = [process.execPath, ...bench.node(...run)]
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ');
  const script = `( ${line.replaceAll('RUN', () => command)} ); code=$?; printf '${END}'; read -r _; exit $code`;
  const terminal = spawn('bash', ['-c', script], {
    cols: 90,
    rows: 20,
    cwd: bench.base,
    env: { ...bench.environment, TERM: 'xterm' },
  });
  let seen = '';
  let released = false;
  terminal.onData((data) => {
    seen += data;
    if (released || !seen.includes(END)) return;
    released = true;
    terminal.write('\r');
  });
  return { terminal, seen: () => seen.split(END)[0] ?? '', ended: new Promise((done) => terminal.onExit(done)) };
}

const PATIENT = { timeout: 40_000 };

it('at a terminal the command has one of the same size, which follows ours', PATIENT, async () => {
  const script =
    'trap "stty size" WINCH; test -t 0 && test -t 1 && test -t 2 && stty size; while :; do sleep 0.05; done';
  const { terminal, seen, ended } = sit('RUN', ['--', 'sh', '-c', script]);
  await waitFor('it tells its size', () => seen().includes('20 90\r\n'));
  terminal.resize(70, 10);
  await waitFor('it tells its new size', () => seen().includes('10 70\r\n'));
  terminal.write('\x1c');
  await ended;
});

it('keys are its keys, Ctrl-C among them, and our terminal is as before afterwards', PATIENT, async () => {
  const script = 'trap "echo interrupted; exit 9" INT; read line; echo "got $line"; while :; do sleep 0.05; done';
  const { terminal, seen, ended } = sit('stty -g; RUN; echo "code $?"; stty -g', ['--', 'sh', '-c', script]);
  const run = await bench.running();
  terminal.write('some words\r');
  await waitFor('it has read', () => seen().includes('got some words'));
  terminal.write('\x03');
  expect((await ended).exitCode).toBe(0);
  const [before, ...rest] = seen().trim().split('\r\n');
  expect(rest.slice(-3)).toEqual([expect.stringContaining('interrupted'), 'code 9', before]);
  expect(bench.records()[0]).toMatchObject({ state: 'failed', exitCode: 9, id: run.id });
});

it('bytes reach our terminal as the command’s own terminal sent them', PATIENT, async () => {
  const script = 'stty -opost; printf "a\\nb"; stty opost; printf "c\\nd"';
  const { seen, ended } = sit('RUN', ['--', 'sh', '-c', script]);
  await ended;
  expect(seen()).toBe('a\nbc\r\nd');
  expect(bench.log(bench.records()[0]!)).toBe('a\nbc\r\nd');
});

it('nothing is lost at the end, and the exit code is passed on', PATIENT, async () => {
  const { seen, ended } = sit('RUN; exit $?', ['--', 'sh', '-c', 'seq 20000; exit 5']);
  expect((await ended).exitCode).toBe(5);
  expect(seen()).toBe(`${Array.from({ length: 20_000 }, (_, i) => i + 1).join('\r\n')}\r\n`);
});

it('nothing is lost where the terminal is held for longer than the command takes to end', PATIENT, async () => {
  for (const count of [1_000, 2_000, 4_000, 6_000, 8_000]) {
    const args = ['--', 'sh', '-c', `echo begun; read key; seq ${count}`];
    const { terminal, seen, ended } = sit('RUN; echo over; read key', args);
    await waitFor('it has begun', () => seen().startsWith('begun'));
    terminal.pause();
    terminal.write('\r');
    await pause(700);
    terminal.resume();
    await waitFor('it is over', () => seen().endsWith('over\r\n'));
    expect(seen().trim().split('\r\n').slice(-2)).toEqual([String(count), 'over']);
    expect(bench.records()[0]?.outputBytes).toBeGreaterThan(count * 4);
    terminal.write('\r');
    await ended;
  }
});

it('ends with its command, and does not wait for more where nobody is left to write', PATIENT, async () => {
  const lateMs: number[] = [];
  // What a busy machine adds is no waiting of ours: one that is not late shows that.
  for (let count = 0; count < 10 && Math.min(...lateMs) >= 400; count++) {
    const { seen, ended } = sit('RUN; date +%s%N', ['--', 'date', '+%s%N']);
    await ended;
    const [commandNs, overNs] = seen().trim().split('\r\n').map(Number);
    lateMs.push(((overNs ?? 0) - (commandNs ?? 0)) / 1e6);
  }
  expect(Math.min(...lateMs)).toBeLessThan(400);
});

it('a command that dies by a signal is told as that, and the terminal is given back', PATIENT, async () => {
  const { seen, ended } = sit('stty -g; RUN; echo "code $?"; stty -g', ['--', 'sh', '-c', 'kill -9 $$']);
  await ended;
  const [before, ...rest] = seen().trim().split('\r\n');
  expect(rest.at(-1)).toBe(before);
  expect(seen()).toContain('code 137');
  expect(bench.records()[0]).toMatchObject({ signal: 'SIGKILL', exitCode: null });
});

it('says 127 and 126 as elsewhere, and a timeout gives the terminal back', PATIENT, async () => {
  const missing = sit('RUN; echo "code $?"', ['--', 'no-such-program']);
  await missing.ended;
  expect(missing.seen()).toContain('no-such-program: command not found');
  expect(missing.seen()).toContain('code 127');
  const late = sit('stty -g; RUN; echo "code $?"; stty -g', ['--timeout', '0.5', '--', 'sleep', '300']);
  await late.ended;
  const [before, ...rest] = late.seen().trim().split('\r\n');
  expect(rest.slice(-2)).toEqual(['code 124', before]);
});

it('in the background of a terminal it runs through pipes, and is not stopped for touching it', PATIENT, async () => {
  const script = 'test -t 1 || echo no terminal; exit 3';
  const { seen, ended } = sit('set -m; RUN & wait $!; echo "code $?"', ['--', 'sh', '-c', script]);
  await ended;
  expect(seen()).toContain('no terminal');
  expect(seen()).toContain('code 3');
});
