import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBench } from './bench';

const bench = runBench();

describe('the exit of a run is the command’s', () => {
  it.each([
    [0, 'succeeded', null, 'Succeeded'],
    [3, 'failed', 'exit code 3', 'Failed with exit code 3'],
    [255, 'failed', 'exit code 255', 'Failed with exit code 255'],
  ] as const)('exit code %i', async (code, state, reason, message) => {
    const { code: got, signal, stderr } = await bench.run(['--', 'sh', '-c', `exit ${code}`]);
    expect({ got, signal, stderr }).toEqual({ got: code, signal: null, stderr: '' });
    const [run] = bench.records();
    expect(run).toMatchObject({ state, exitCode: code, signal: null, reason, name: 'sh' });
    expect(bench.heartbeat(run!)).toMatchObject({ status: 'stopped', message, name: 'sh', interval_ms: 10_000 });
  });

  it.each(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP', 'SIGPIPE', 'SIGUSR1', 'SIGALRM'] as const)(
    'died by %s',
    async (name) => {
      const { code, signal } = await bench.run(['--', 'sh', '-c', `echo last words; kill -${name.slice(3)} $$`]);
      expect({ code, signal }).toEqual({ code: null, signal: name });
      expect(bench.records()[0]).toMatchObject({ state: 'failed', signal: name, reason: `ended by ${name}` });
      expect(bench.log(bench.records()[0]!)).toBe('last words\n');
    },
  );

  it('says 127 of what is not there, 126 of what cannot be executed, and starts nothing', async () => {
    const missing = await bench.run(['--', 'no-such-program']);
    expect(missing).toMatchObject({ code: 127 });
    expect(missing.stderr).toContain('no-such-program: command not found');
    const plain = join(bench.base, 'plain');
    writeFileSync(plain, 'text');
    chmodSync(plain, 0o644);
    const closed = await bench.run(['--', plain]);
    expect(closed).toMatchObject({ code: 126 });
    expect(closed.stderr).toContain('it is not executable');
    expect(bench.records().map(({ state, exitCode }) => [state, exitCode])).toEqual([
      ['failed', 126],
      ['failed', 127],
    ]);
  });

  it('says 125 where it was called wrongly', async () => {
    const { code, stderr } = await bench.run(['--timeout', 'soon', '--', 'true']);
    expect(code).toBe(125);
    expect(stderr).toContain('--timeout is "soon"; allowed is a number of seconds from 0.1');
    expect(bench.records()).toEqual([]);
  });
});

describe('the command is started as it would be without', () => {
  it('with its arguments untouched, in the same directory, in a session and group of its own', async () => {
    const script = 'printf "<%s>" "$@"; echo; pwd; echo "$IDLEWATCH_WORKER_DIR"; ps -o pid=,pgid=,sid= -p $$';
    const args = ['--name', 'x', '--', 'sh', '-c', script, 'sh', '--name', '-h', '--', '', 'a  b', '$HOME'];
    const { stdout } = await bench.run(args);
    const [given, directory, mark, ids] = stdout.toString().split('\n');
    expect(given).toBe('<--name><-h><--><><a  b><$HOME>');
    expect(directory).toBe(bench.base);
    const [run] = bench.records();
    expect(mark).toBe(run?.directory);
    const [leader, ...others] = new Set(ids?.trim().split(/\s+/));
    expect(others).toEqual([]);
    // It may have ended before its supervisor could look at it.
    expect([leader, 'undefined']).toContain(String(run?.child?.pid));
    expect(run).toMatchObject({ name: 'x', workingDirectory: bench.base });
  });

  it('with our standard input', async () => {
    const { stdout } = await bench.run(['--', 'cat'], 'line 1\nline 2 without an end');
    expect(stdout.toString()).toBe('line 1\nline 2 without an end');
  });

  it('with outputs that can be opened by their names', async () => {
    const script = 'echo out > /dev/stdout; echo err > /dev/stderr';
    const { stdout, stderr } = await bench.run(['--', 'sh', '-c', script]);
    expect([stdout.toString(), stderr]).toEqual(['out\n', 'err\n']);
  });
});
