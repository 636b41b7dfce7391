import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHeartbeatDrop } from '../../../src/host/heartbeat-drop';
import { usualRoots } from '../../../src/host/usual-roots';
import { defaultSettings } from '../../../src/shared/settings';
import { refusal, type ServedApi, servedApi } from '../support/served-api';

const DAY_MS = 86_400_000;
const now = () => new Date().toISOString();
const beat = ({ ask }: ServedApi, name: string, body: unknown) =>
  ask(`/api/heartbeat/${encodeURIComponent(name)}`, { method: 'POST', body });

describe('POST /api/heartbeat/{name}', () => {
  it('makes a worker that is watched like any other, with its own fields as written', async () => {
    const api = await servedApi();
    const content = { ts: now(), status: 'working', phase: 'reading', mine: { any: [1, 'é'] } };
    const answer = await beat(api, 'remote.agent-1', content);
    const directory = join(api.stateFolder, 'workers', 'remote.agent-1');
    const id = `worker-directory:${directory}`;
    expect(answer).toMatchObject({ status: 200, json: { workerId: id, directory } });
    await api.worker(id, ({ state }) => state === 'busy');
    expect(api.station.engine.monitor.report(id)).toMatchObject({
      name: 'remote.agent-1',
      heartbeatContent: { phase: 'reading' },
    });
    expect(JSON.parse(readFileSync(join(directory, 'heartbeat.json'), 'utf8'))).toEqual(content);
    expect(readdirSync(directory)).toEqual(['heartbeat.json']);
    expect(statSync(join(directory, 'heartbeat.json')).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it('the next one counts at once: waiting, stopped', async () => {
    const api = await servedApi();
    const { json } = await beat(api, 'agent', { ts: now(), status: 'working' });
    const { workerId } = json as { workerId: string };
    await api.worker(workerId, ({ state }) => state === 'busy');
    await beat(api, 'agent', { ts: now(), status: 'waiting', message: 'may I?' });
    await api.worker(workerId, ({ state }) => state === 'waiting');
    await beat(api, 'agent', { ts: now(), status: 'stopped' });
    await api.worker(workerId, ({ state }) => state === 'stopped');
  });

  it('a second worker is seen without waiting for a sweep', async () => {
    const api = await servedApi({ settings: { sweepIntervalMs: 600_000 } });
    for (const name of ['one', 'two', 'three']) {
      const { json } = await beat(api, name, { ts: now() });
      await api.worker((json as { workerId: string }).workerId);
    }
  });

  it.each([
    [{}, 'body.ts is missing; allowed is RFC 3339 with a zone'],
    [{ ts: 1_700_000_000 }, 'body.ts is 1700000000; allowed is RFC 3339 with a zone'],
    [{ ts: 'yesterday' }, 'the heartbeat is refused: "ts" is "yesterday"; allowed is RFC 3339 with a zone'],
    [{ ts: '2026-01-31T12:00:00' }, 'the heartbeat is refused: "ts" is "2026-01-31T12:00:00"; allowed is'],
    [[], 'body is []; allowed is'],
  ])('%j is no heartbeat, and none is written', async (body, words) => {
    const api = await servedApi();
    expect(await beat(api, 'agent', body)).toMatchObject({ status: 400, json: refusal('invalid', words) });
    expect(readdirSync(api.stateFolder)).not.toContain('workers');
  });

  it.each([
    ['.hidden'],
    ['-x'],
    ['a/b'],
    ['../../x'],
    ['a\\b'],
    ['a b'],
    ['trailing.'],
    ['é'],
    ['x'.repeat(101)],
    ['a\u0000b'],
  ])('no worker is called %j', async (name) => {
    const api = await servedApi();
    expect(await beat(api, name, { ts: now() })).toMatchObject({
      status: 400,
      json: refusal('invalid', 'address.name is'),
    });
    expect(readdirSync(api.stateFolder)).not.toContain('workers');
  });

  it('is as long as one in a file may be: 64 KiB as it comes, and as it is written', async () => {
    const api = await servedApi();
    const long = { ts: now(), note: 'x'.repeat(64 * 1024) };
    expect(await beat(api, 'agent', long)).toMatchObject({
      status: 413,
      json: refusal('too_large', 'allowed are 65536 bytes'),
    });
    const grows = `{"ts": "${now()}", "n": [${Array(9_000).fill('1e20').join()}]}`;
    expect(grows.length).toBeLessThan(64 * 1024);
    expect(await beat(api, 'agent', grows)).toMatchObject({
      status: 413,
      json: refusal('too_large', 'bytes; allowed are 65536'),
    });
  });

  it('where it cannot be written: 503 with the reason', async () => {
    const api = await servedApi();
    writeFileSync(join(api.stateFolder, 'workers'), 'in the way');
    expect(await beat(api, 'agent', { ts: now() })).toMatchObject({
      status: 503,
      json: refusal('unavailable', 'the heartbeat cannot be written'),
    });
  });
});

describe('the folder of workers that beat over HTTP', () => {
  let state: string;
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'idlewatch-beats-'));
  });
  afterEach(() => rmSync(state, { recursive: true, force: true }));

  const fill = (ageMs: (index: number) => number) => {
    for (let index = 0; index < 1_000; index += 1) {
      const directory = join(state, 'workers', `w${index}`);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, 'heartbeat.json'), '{}');
      const at = (Date.now() - ageMs(index)) / 1_000;
      utimesSync(join(directory, 'heartbeat.json'), at, at);
    }
  };
  const names = () => readdirSync(join(state, 'workers'));

  it('is watched from the start, once it is there', () => {
    const roots = () => usualRoots(defaultSettings(), { XDG_STATE_HOME: '/nowhere' }, state)['worker-directory'];
    expect(roots()).toEqual([]);
    expect(createHeartbeatDrop(state, Date.now).put('one', '{}').ok).toBe(true);
    expect(roots()).toEqual([join(state, 'workers')]);
  });

  it('holds a thousand; known ones go on, and one silent for a day makes room', () => {
    fill((index) => (index === 500 ? DAY_MS + 60_000 : 60_000));
    const drop = createHeartbeatDrop(state, Date.now);
    expect(drop.put('w3', '{"n":1}')).toMatchObject({ ok: true });
    expect(drop.put('new', '{}')).toMatchObject({ ok: true });
    expect(names()).toHaveLength(1_000);
    expect(names()).not.toContain('w500');
    expect(drop.put('newer', '{}')).toMatchObject({
      ok: false,
      problem: 'full',
      reason: '1000 workers beat over HTTP; that is as many as there may be in a day',
    });
    expect(names()).toHaveLength(1_000);
  });

  it('what somebody put beside a heartbeat is never removed', () => {
    fill((index) => (index < 2 ? DAY_MS * (3 - index) : 60_000));
    writeFileSync(join(state, 'workers', 'w0', 'agent.log'), 'mine');
    expect(createHeartbeatDrop(state, Date.now).put('new', '{}')).toMatchObject({ ok: true });
    expect(names()).toContain('w0');
    expect(names()).not.toContain('w1');
  });
});
