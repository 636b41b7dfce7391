import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRegistry } from '../../../src/host/registry';
import { waitFor } from '../support/wait-for';
import { ended, runBench } from './bench';

const bench = runBench();

/** Ignores SIGTERM, as does a child in a session of its own whose parent ends at once. */
const STUBBORN = `trap '' TERM
(setsid sh -c 'trap "" TERM; echo "$$" > daemon; exec sleep 300' &)
while :; do sleep 1; done`;

/** A pipe of the usual size that nobody reads from. */
function unreadPipe(): { writeFd: number; close(): void } {
  const path = join(bench.base, 'unread');
  execFileSync('mkfifo', [path]);
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = openSync(path, constants.O_WRONLY);
  return {
    writeFd,
    close() {
      closeSync(readFd);
      closeSync(writeFd);
    },
  };
}

function audit(): { kind: string; askedBy?: string; why?: string }[] {
  const registry = openRegistry(bench.stateFolder, { warn: () => undefined });
  try {
    return registry.audit.entries(10) as unknown as { kind: string }[];
  } finally {
    registry.close();
  }
}

describe('--timeout', () => {
  it('ends the whole tree, what has left it too, and says why', async () => {
    writeFileSync(join(bench.base, 'stubborn.sh'), STUBBORN);
    const { code, stderr } = await bench.run(['--timeout', '5', '--grace', '0.5', '--', 'sh', 'stubborn.sh']);
    expect(code).toBe(124);
    expect(stderr).toBe('idlewatch: timed out after 5 s\n');
    expect(bench.marked()).toEqual([]);
    const [run] = bench.records();
    expect(run).toMatchObject({
      state: 'timed_out',
      reason: 'timed out after 5 s',
      timeoutMs: 5_000,
      exitCode: null,
    });
    expect(bench.heartbeat(run!)).toMatchObject({ status: 'stopped', message: 'timed out after 5 s' });
    expect(bench.notices(run!).map(({ text }) => text)).toEqual([
      expect.stringMatching(/^timed out after 5 s: sh has ended: \d+ processes in .* only by SIGKILL/),
    ]);
    const entries = audit();
    expect(entries.map(({ kind }) => kind)).toEqual(['kill_intent', 'kill_outcome']);
    expect(entries[0]).toMatchObject({ askedBy: 'supervisor', why: 'timed out after 5 s' });
  });

  it('is no word for a command that ends in time', async () => {
    const { code } = await bench.run(['--timeout', '60', '--idle-timeout', '60', '--', 'sh', '-c', 'exit 2']);
    expect(code).toBe(2);
    expect(bench.records()[0]).toMatchObject({ state: 'failed', timeoutMs: 60_000, idleTimeoutMs: 60_000 });
  });

  it('does not wait for ever for whoever reads the output', async () => {
    const child = bench.start(['--timeout', '1', '--', 'sh', '-c', 'head -c 1000000 /dev/zero; sleep 300'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const code = await new Promise((done) => child.once('exit', done));
    expect(code).toBe(124);
  });
});

describe('--idle-timeout', () => {
  it('counts from the last output on', async () => {
    // In all longer than the limit, and each pause much shorter.
    const script = 'for i in 1 2 3 4 5 6; do echo $i; sleep 1.2; done; sleep 300';
    const { code, stdout, stderr } = await bench.run(['--idle-timeout', '6', '--', 'sh', '-c', script]);
    expect({ code, stdout: stdout.toString(), stderr }).toEqual({
      code: 124,
      stdout: '1\n2\n3\n4\n5\n6\n',
      stderr: 'idlewatch: no output for 6 s\n',
    });
    expect(bench.records()[0]).toMatchObject({ state: 'timed_out', reason: 'no output for 6 s' });
  });

  it('is not the command’s fault where nobody reads what it puts out', async () => {
    const child = bench.start(['--idle-timeout', '5', '--', 'sh', '-c', 'head -c 3000000 /dev/zero; exit 3'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const run = await bench.running();
    await waitFor('it has been held up for longer than its idle timeout', () => Date.now() > run.startedAt + 8_000);
    const { code, stdout } = await ended(child);
    expect([code, stdout.length]).toEqual([3, 3_000_000]);
  });
});

describe('signals to the supervisor', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const)(
    '%s reaches the whole group, and the command decides what comes of it',
    async (name) => {
      const listening = `process.on('${name}', () => { console.log('got it'); process.exitCode = 9; clearInterval(timer); });
        const timer = setInterval(() => {}, 1000); console.log('ready');`;
      const script = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(listening)}], { stdio: 'inherit' }); ${listening}`;
      const child = bench.start(['--', process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      let seen = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        seen += chunk;
      });
      await waitFor('both are ready', () => seen.split('ready').length === 3);
      child.kill(name);
      const { code } = await ended(child);
      expect(code).toBe(9);
      expect(seen.split('got it').length).toBe(3);
    },
  );

  it('end it the way they end the command', async () => {
    const child = bench.start(['--', 'sleep', '300'], { stdio: 'ignore' });
    await bench.running();
    child.kill('SIGTERM');
    expect(await ended(child)).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(bench.records()[0]).toMatchObject({ state: 'failed', reason: 'ended by SIGTERM' });
  });

  it('end it where the command has ended and nobody reads what is left', async () => {
    // More than one pipe holds, and less than that and the command's own pipe.
    const script = 'head -c 120000 /dev/zero';
    const { writeFd, close } = unreadPipe();
    const child = bench.start(['--', 'sh', '-c', script], { stdio: ['ignore', writeFd, 'inherit'] });
    const run = await bench.running();
    await waitFor('the command has ended', () => bench.heartbeat(run).phase === 'passing on its output');
    child.kill('SIGINT');
    expect(await ended(child)).toMatchObject({ code: null, signal: 'SIGINT' });
    expect(bench.records()[0]).toMatchObject({ state: 'succeeded', exitCode: 0 });
    close();
  });
});

it('a run whose end was asked for through idlewatch is killed, not failed', async () => {
  const child = bench.start(['--', 'sleep', '300'], { stdio: 'ignore' });
  const { id, child: command } = await bench.running();
  const registry = openRegistry(bench.stateFolder, { warn: () => undefined });
  await registry.runs.change(id, () => ({ endRequested: 'stalled (asked by window)' }));
  registry.close();
  process.kill(command.pid, 'SIGKILL');
  expect(await ended(child)).toMatchObject({ signal: 'SIGKILL' });
  expect(bench.records()[0]).toMatchObject({ state: 'killed', reason: 'stalled (asked by window)', signal: 'SIGKILL' });
});
