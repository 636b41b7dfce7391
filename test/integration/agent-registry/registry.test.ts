import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProcessTable } from '../../../src/host/process-table';
import { defaultSettings } from '../../../src/shared/settings';
import { type RealProcesses, realProcesses } from '../support/real-processes';
import { waitFor } from '../support/wait-for';
import { type SteppedSources, stepSources, watchSources } from '../support/watched-sources';

const MINUTE_MS = 60_000;

let base: string;
let path: string;
let processes: RealProcesses;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-registry-')));
  path = join(base, 'running-agents.json');
  processes = realProcesses();
});
afterEach(async () => {
  await processes.endAll();
  rmSync(base, { recursive: true, force: true });
});

const write = (content: unknown) => writeFileSync(path, JSON.stringify(content));
const step = (): SteppedSources => stepSources({ 'agent-registry': [path] });

/** A living process, and the entry of who started it. */
async function agent(over: object = {}) {
  const { pid } = await processes.start('sleeper.mjs');
  return { pid, startedAt: startOf(pid), ...over };
}

function startOf(pid: number): number {
  const look = createProcessTable().inspect(pid);
  return look.liveness === 'alive' ? Math.round(look.fact.startedAt) : expect.unreachable('it lives');
}

describe('an entry', () => {
  it('is a worker, whose process is verified by when it started', async () => {
    mkdirSync(join(base, 'work'));
    const one = await agent({ name: 'refactor', cwd: join(base, 'work') });
    const two = await agent();
    write({ 'job-1': one, 'job-2': { ...two, startedAt: new Date(two.startedAt).toISOString() } });
    const seen = await watchSources({ 'agent-registry': [path] });
    expect(seen.names()).toEqual(['job-2', 'refactor']);
    expect(seen.row('refactor')).toMatchObject({
      ...{ id: `agent-registry:${path}#job-1`, source: 'agent-registry', path: join(base, 'work'), pid: one.pid },
      ...{ state: 'busy', health: 'healthy', liveness: 'alive', heartbeatAgeMs: null },
    });
    for (const name of seen.names()) expect(seen.report(name).process?.verified).toBe(true);
    expect(seen.monitor.roots()).toEqual([{ path, workers: 2, unreadable: null }]);
  });

  it('comes and goes with the file', async () => {
    const [one, two] = [await agent({ jobId: 'one' }), await agent({ jobId: 'two' })];
    write([one]);
    const seen = await watchSources({ 'agent-registry': [path] });
    write([one, two]);
    await waitFor('the second has come', () => seen.find('two')?.liveness === 'alive');
    process.kill(two.pid, 'SIGKILL');
    write([one]);
    await waitFor('and gone', () => !seen.find('two'));
    expect(seen.row('one')).toMatchObject({ state: 'busy', health: 'healthy' });
    expect(seen.events.filter(({ kind }) => kind === 'dead')).toEqual([]);
  });

  it('that left while its process lives has stopped, and the process can be ended', async () => {
    const one = await agent({ jobId: 'one', heartbeatAt: Date.now() });
    write([one]);
    const seen = await watchSources({ 'agent-registry': [path] });
    write([]);
    await waitFor('it has stopped', () => seen.row('one').state === 'stopped');
    expect(seen.row('one')).toMatchObject({
      ...{ canEnd: true, needsPerson: false },
      reason: `Its entry left the registry file; its process ${one.pid} is alive`,
    });
    rmSync(path);
    process.kill(one.pid, 'SIGKILL');
    // Nothing is left to be shown then: the next sweep leaves it out.
    await waitFor('its process is gone', () => (seen.find('one')?.liveness ?? 'gone') === 'gone');
  });

  it('whose process ends while it is registered is dead', async () => {
    const one = await agent({ jobId: 'one' });
    write([one]);
    const seen = await watchSources({ 'agent-registry': [path] });
    process.kill(one.pid, 'SIGKILL');
    await waitFor('it is dead', () => seen.row('one').state === 'dead');
  });

  it.each([
    ['started later: the pid was given to another', -MINUTE_MS, 'gone', 'stopped'],
    ['started long before', MINUTE_MS, 'unknown', 'busy'],
  ])('never takes a process for its own that %s', async (_, ms, liveness, state) => {
    // It even works beside the registry, as everything a person does in that project.
    const { pid } = await processes.start('sleeper.mjs', [], { cwd: base });
    write([{ pid, startedAt: startOf(pid) + ms, name: 'one' }]);
    const seen = step();
    seen.step(10 * MINUTE_MS);
    expect(seen.row('one')).toMatchObject({ liveness, state, needsPerson: false, canEnd: false });
    expect(seen.report('one').process?.verified ?? false).toBe(false);
  });

  it('of a process that was gone before is history, for a day', async () => {
    const gone = { pid: 2 ** 22 - 7, startedAt: Date.now() - MINUTE_MS };
    write({ lately: gone, 'long ago': { ...gone, startedAt: Date.now() - 2 * 86_400_000 } });
    const seen = step();
    seen.step(10 * MINUTE_MS);
    expect(seen.names()).toEqual(['lately']);
    expect(seen.row('lately')).toMatchObject({
      ...{ state: 'stopped', reason: 'Its process had ended before idlewatch looked', needsPerson: false },
    });
  });

  it('may be started anew under the same name', async () => {
    write({ job: await agent() });
    const seen = await watchSources({ 'agent-registry': [path] });
    const again = await agent();
    write({ job: again });
    await waitFor('it is the new process', () => seen.row('job').pid === again.pid);
    expect(seen.row('job')).toMatchObject({ state: 'busy', liveness: 'alive' });
  });
});

describe('a heartbeat', () => {
  it('is life: without it a living process stalls, with it again it is well', async () => {
    const one = await agent({ name: 'one', heartbeatAt: Date.now() });
    write([one]);
    const seen = step();
    seen.step(20_000);
    write([{ ...one, heartbeatAt: seen.clock.wallMs() }]);
    seen.step(15_000);
    expect(seen.row('one')).toMatchObject({ state: 'busy', lifeAgeMs: expect.any(Number) });
    seen.step(20_000);
    expect(seen.row('one')).toMatchObject({ state: 'stalled', canEnd: true });
    expect(seen.row('one').reason).toMatch(/^No sign of life for 3\d s/);
    write([{ ...one, heartbeatAt: seen.clock.wallMs() }]);
    seen.step(15_000);
    expect(seen.row('one')).toMatchObject({ state: 'busy', health: 'healthy' });
  });

  it('that is not kept is not missed', async () => {
    write([await agent({ name: 'one' })]);
    const seen = step();
    seen.step(60 * MINUTE_MS);
    expect(seen.row('one')).toMatchObject({ state: 'busy', health: 'healthy' });
  });

  it('of a process that is not to be seen from here is still life', async () => {
    const elsewhere = { name: 'one', pid: 2 ** 22 - 7, startedAt: Date.now() - MINUTE_MS };
    write([{ ...elsewhere, heartbeatAt: Date.now() }]);
    const seen = step();
    for (let beats = 0; beats < 6; beats += 1) {
      seen.step(10_000);
      write([{ ...elsewhere, heartbeatAt: seen.clock.wallMs() }]);
    }
    expect(seen.events.filter(({ kind }) => kind === 'dead')).toEqual([]);
    expect(seen.row('one')).toMatchObject({ state: 'busy', liveness: 'unknown' });
    seen.step(2 * MINUTE_MS);
    expect(seen.row('one').state).toBe('dead');
  });

  it('from the future is not believed', async () => {
    write([await agent({ name: 'one', heartbeatAt: Date.now() + 60 * MINUTE_MS })]);
    const seen = step();
    expect(seen.report('one').evidence.find(({ kind }) => kind === 'clock_skew')?.text).toMatch(/59 min/);
    seen.step(MINUTE_MS);
    expect(seen.row('one').state).toBe('stalled');
  });
});

describe('a file', () => {
  it('that is damaged makes its workers unknown, says what was expected once, and loses none', async () => {
    const [one, two] = [await agent({ name: 'one' }), await agent({ name: 'two' })];
    write([one, two]);
    const seen = step();
    truncateSync(path, 30);
    seen.monitor.lookNow(seen.row('one').id);
    expect(seen.row('one').health).toBe('healthy');
    seen.step(MINUTE_MS);
    expect(seen.names()).toEqual(['one', 'two']);
    expect(seen.row('one')).toMatchObject({
      ...{ state: 'busy', health: 'unknown' },
      reason: expect.stringMatching(/^Cannot be read: running-agents.json: expected a JSON map or list, found “/),
    });
    expect(seen.notices('one')).toHaveLength(1);
    expect(seen.monitor.roots()[0]?.unreadable).toMatch(/^expected a JSON map or list/);
    write([one, two]);
    seen.step(MINUTE_MS);
    expect(seen.row('one')).toMatchObject({ state: 'busy', health: 'healthy' });
    expect(seen.monitor.roots()[0]?.unreadable).toBeNull();
  });

  it('that is damaged hides no death', async () => {
    const one = await agent({ name: 'one' });
    write([one]);
    const seen = step();
    writeFileSync(path, Buffer.from([0xff, 0xfe, 0x00]));
    seen.step(MINUTE_MS);
    process.kill(one.pid, 'SIGKILL');
    await waitFor('it is dead', () => {
      seen.step(5_000);
      return seen.row('one').state === 'dead';
    });
  });

  it('may have entries that are not understood: they alone are unknown', async () => {
    const one = await agent({ name: 'one' });
    write([one, { ...one, name: 'odd', startedAt: 'yesterday' }, 'a comment']);
    const seen = step();
    seen.step(10 * MINUTE_MS);
    expect(seen.row('one')).toMatchObject({ state: 'busy', health: 'healthy' });
    expect(seen.row('odd')).toMatchObject({ health: 'unknown', pid: null });
    expect(seen.notices('odd')).toEqual([
      expect.stringMatching(/^running-agents.json, “odd”: expected startedAt as a time .*, found “yesterday”$/),
    ]);
  });

  it('that is not there yet is watched for', async () => {
    const seen = await watchSources({ 'agent-registry': [path] });
    expect(seen.monitor.roots()).toEqual([{ path, workers: 0, unreadable: 'there is no such file' }]);
    write([await agent({ name: 'one' })]);
    await waitFor('it is read', () => seen.find('one')?.liveness === 'alive');
    expect(seen.monitor.roots()[0]?.unreadable).toBeNull();
  });

  it('that is removed names nobody any more', async () => {
    write([await agent({ name: 'one' })]);
    const seen = step();
    rmSync(path);
    seen.step(MINUTE_MS);
    expect(seen.row('one')).toMatchObject({ state: 'stopped', needsPerson: false });
  });

  it('may be a link that leads to another one after a while', async () => {
    const [first, second] = [join(base, 'first.json'), join(base, 'second.json')];
    writeFileSync(first, JSON.stringify([await agent({ name: 'one' })]));
    writeFileSync(second, JSON.stringify([await agent({ name: 'two' })]));
    symlinkSync(first, path);
    const seen = step();
    expect(seen.names()).toEqual(['one']);
    symlinkSync(second, join(base, 'next'));
    renameSync(join(base, 'next'), path);
    seen.step(MINUTE_MS);
    expect(seen.row('two').state).toBe('busy');
    expect(seen.row('one').state).toBe('stopped');
  });

  it.each([
    ['a directory', () => mkdirSync(path), /it is a directory/],
    ['too long', () => writeFileSync(path, `[${' '.repeat(2 ** 20)}]`), /it has 1048578 bytes; allowed are 1048576/],
  ])('that is %s is not read', (_, make, why) => {
    make();
    const seen = step();
    seen.step(MINUTE_MS);
    expect(seen.monitor.roots()[0]?.unreadable).toMatch(why);
  });

  it('that is not watched any more takes its workers with it', async () => {
    write([await agent({ name: 'one' })]);
    const seen = step();
    seen.monitor.configure(defaultSettings(), { 'agent-registry': [] });
    seen.step(MINUTE_MS);
    expect(seen.names()).toEqual([]);
  });
});
