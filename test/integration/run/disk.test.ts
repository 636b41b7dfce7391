import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for';
import { ended, runBench } from './bench';

const bench = runBench();

/** The state folder on a small disk of its own. */
function smallDisk(kilobytes: number): void {
  mkdirSync(bench.stateFolder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=700`, 'tmpfs', bench.stateFolder]);
  mounted.push(bench.stateFolder);
}

it('a run whose registry is lost is written down anew, with its key, first process and end', async () => {
  const child = bench.start(['--key', 'k', '--', 'sh', '-c', 'read rest; exit 4'], {
    stdio: ['pipe', 'inherit', 'pipe'],
  });
  const before = await bench.running();
  rmSync(bench.stateFolder, { recursive: true });
  const after = await waitFor('it is there again', () => bench.records().find((run) => run.child), 30_000);
  expect(after).toMatchObject({ id: before.id, key: 'k', child: before.child, state: 'running' });
  expect((await bench.run(['--key', 'k', '--', 'true'])).code).toBe(75);
  await waitFor('it beats again', () => existsSync(join(before.directory, 'heartbeat.json')), 30_000);
  expect(bench.notices(after).map(({ text }) => text)).toContainEqual(expect.stringContaining('had lost this run'));
  rmSync(bench.stateFolder, { recursive: true });
  child.stdin?.end('\n');
  expect((await ended(child)).code).toBe(4);
  expect(bench.records()).toMatchObject([{ id: before.id, state: 'failed', exitCode: 4, child: before.child }]);
}, 60_000);

const mounted: string[] = [];
// Before the bench removes its folders.
afterEach(() => {
  for (const path of mounted.splice(0)) execFileSync('umount', ['-l', path]);
});

/** Fill what is left of the small disk. Returns what makes room again. */
function fill(): () => void {
  const path = join(bench.stateFolder, 'filling');
  for (const size of [65_536, 4_096]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
    }
  }
  return () => rmSync(path);
}

describe.skipIf(process.getuid?.() !== 0)('a full disk', () => {
  it('stops no run: its log ends, and that is told once', async () => {
    smallDisk(2_000);
    const script = 'head -c 6000000 /dev/zero | tr "\\0" x; exit 3';
    const { code, stdout, stderr } = await bench.run(['--max-output', '100MB', '--', 'sh', '-c', script]);
    expect([code, stdout.length]).toEqual([3, 6_000_000]);
    expect(stderr.match(/Its log cannot be written: .*no space left/gi)).toHaveLength(1);
  }, 60_000);

  it('stops no run from ending: what cannot be written is told, kept if it can be, and written at the next start', async () => {
    smallDisk(4_000);
    const child = bench.start(['--', 'sh', '-c', 'read rest; exit 4'], { stdio: ['pipe', 'inherit', 'pipe'] });
    const run = await bench.running();
    const makeRoom = fill();
    child.stdin?.end('\n');
    const { code, stderr } = await ended(child);
    expect(code).toBe(4);
    expect(stderr).toContain('Status update failed after retries: ');
    expect(stderr).toMatch(/no space is left on its disk/);
    makeRoom();
    await bench.run(['--', 'true']);
    const after = bench.records().find(({ id }) => id === run.id);
    // Where the spool found no room either, it is failed all the same: its supervisor is gone.
    expect(after?.state).toBe('failed');
  }, 60_000);

  it('does not keep a timeout from ending the command', async () => {
    smallDisk(4_000);
    const args = ['--timeout', '8', '--', 'sh', '-c', 'setsid sleep 300 & sleep 300'];
    const child = bench.start(args, { stdio: ['ignore', 'inherit', 'pipe'] });
    await bench.running();
    fill();
    const { code, stderr } = await ended(child);
    expect(code).toBe(124);
    expect(stderr).toContain('The audit log cannot be written, and the run is ended all the same: ');
    expect(stderr).toContain('timed out after 8 s');
    expect(bench.marked()).toEqual([]);
  }, 60_000);

  it('ends with the heartbeat going on where there is room again', async () => {
    smallDisk(4_000);
    const child = bench.start(['--', 'sh', '-c', 'read rest'], { stdio: ['pipe', 'inherit', 'pipe'] });
    const run = await bench.running();
    const makeRoom = fill();
    await waitFor('time for a beat to fail', () => Date.now() > run.startedAt + 12_000);
    makeRoom();
    await waitFor('it beats again', () => Date.now() - Date.parse(String(bench.heartbeat(run).ts)) < 3_000);
    child.stdin?.end('\n');
    const { code, stderr } = await ended(child);
    expect(code).toBe(0);
    expect(stderr.match(/Its heartbeat cannot be written/g)).toHaveLength(1);
    expect(bench.notices(run).map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^Its heartbeat could not be written for/),
    );
  }, 60_000);
});

it('a final state that the registry does not take is kept, told, and written at the next start', async () => {
  const child = bench.start(['--key', 'nightly', '--', 'sh', '-c', 'read rest; exit 4'], {
    stdio: ['pipe', 'inherit', 'pipe'],
  });
  const run = await bench.running();
  const database = join(bench.stateFolder, 'idlewatch.db');
  const files = ['', '-wal', '-shm'].filter((ending) => existsSync(database + ending));
  for (const ending of files) renameSync(database + ending, `${database}.aside${ending}`);
  mkdirSync(database);
  child.stdin?.end('\n');
  const { code, stderr } = await ended(child);
  expect(code).toBe(4);
  expect(stderr.match(/Status update failed after retries: .*idlewatch\.db is not a regular file/g)).toHaveLength(1);
  expect(stderr).toContain('That the run is failed is kept, and written at the next start.');
  expect(readdirSync(join(bench.stateFolder, 'spool'))).toEqual([`${run.id}.json`]);

  rmdirSync(database);
  for (const ending of files) {
    if (existsSync(`${database}.aside${ending}`)) renameSync(`${database}.aside${ending}`, database + ending);
  }
  expect(bench.records()[0]).toMatchObject({ id: run.id, state: 'running' });
  expect((await bench.run(['--', 'true'])).code).toBe(0);
  const after = bench.records().find(({ id }) => id === run.id);
  expect(after).toMatchObject({ state: 'failed', exitCode: 4, reason: 'exit code 4' });
  expect(readdirSync(join(bench.stateFolder, 'spool'))).toEqual([]);
  expect((await bench.run(['--key', 'nightly', '--', 'true'])).code).toBe(0);
});

describe.skipIf(process.getuid?.() !== 0)('a state folder that cannot be written', () => {
  function readOnly(): void {
    smallDisk(100);
    execFileSync('mount', ['-o', 'remount,ro', bench.stateFolder]);
  }

  it('stops no run without a key; what is missing is told', async () => {
    readOnly();
    const { code, stdout, stderr } = await bench.run(['--', 'sh', '-c', 'echo "mark: $IDLEWATCH_WORKER_DIR"; exit 3']);
    expect([code, stdout.toString()]).toEqual([3, 'mark: \n']);
    expect(stderr).toContain('The run is not registered: ');
    expect(stderr).toContain('The run has no worker directory: ');
    expect(readdirSync(bench.stateFolder)).toEqual([]);
  });

  it('refuses a key, which nobody could claim: 125, and nothing is started', async () => {
    readOnly();
    const { code, stderr } = await bench.run(['--key', 'nightly', '--', 'touch', 'started']);
    expect(code).toBe(125);
    expect(stderr).toContain('the key cannot be claimed, and nothing was started: ');
    expect(readdirSync(bench.base)).not.toContain('started');
  });

  it('does not keep a timeout from ending the command', async () => {
    readOnly();
    const { code } = await bench.run(['--timeout', '1', '--', 'sleep', '300']);
    expect(code).toBe(124);
  });
});
