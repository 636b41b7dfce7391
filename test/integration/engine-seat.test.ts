import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EngineInfo, engineDirectories, findEngine, readInfo, takeSeat } from '../../src/host/engine-seat';

let base: string;
let folder: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'idlewatch-seat-'));
  folder = join(base, 'idlewatch');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const info: EngineInfo = {
  pid: 4711,
  startedAt: 1,
  version: '0.1.0',
  shell: 'app',
  api: 'http://127.0.0.1:4747',
  gateway: null,
  directories: { workers: ['/w'], workbenches: [] },
};

it('is held by one alone, who tells where the engine is reached, and free again afterwards', () => {
  const first = takeSeat(folder);
  if (!first.ok) throw new Error('the seat is taken');
  expect(takeSeat(folder)).toEqual({ ok: false, taken: true, holder: null });
  first.seat.publish(info);
  expect(takeSeat(folder)).toEqual({ ok: false, taken: true, holder: info });
  expect(findEngine(folder)).toEqual({ ok: true, url: info.api, info });
  expect(engineDirectories(folder)).toEqual(info.directories);
  expect(statSync(folder).mode & 0o077).toBe(0);
  expect(statSync(join(folder, 'engine.json')).mode & 0o077).toBe(0);
  first.seat.release();
  expect(engineDirectories(folder)).toEqual({ workers: [], workbenches: [] });
  const next = takeSeat(folder);
  expect(next.ok).toBe(true);
  if (next.ok) next.seat.release();
});

it('says why there is no engine to attach to', () => {
  expect(findEngine(folder)).toEqual({ ok: false, reason: `no idlewatch runs its engine on ${folder}` });
  const taken = takeSeat(folder);
  if (!taken.ok) throw new Error('the seat is taken');
  taken.seat.publish({ ...info, api: null });
  expect(findEngine(folder)).toEqual({
    ok: false,
    reason: 'the local API of the idlewatch that runs (process 4711) is switched off',
  });
  taken.seat.publish({ ...info, api: null, isEnding: true });
  expect(findEngine(folder)).toEqual({ ok: false, reason: 'the idlewatch that ran (process 4711) is ending' });
  writeFileSync(join(folder, 'engine.json'), '{"pid": "no"');
  expect(readInfo(folder)).toBeNull();
  taken.seat.release();
});

it('cannot be had where nothing can be written, and says so', () => {
  writeFileSync(join(base, 'file'), '');
  const answer = takeSeat(join(base, 'file', 'idlewatch'));
  expect(answer).toMatchObject({ ok: false, taken: false, reason: expect.stringContaining('engine.lock') });
});

describe('when the file of the lock is removed', () => {
  const taken = () => {
    const answer = takeSeat(folder);
    if (!answer.ok) throw new Error('the seat is taken');
    return answer.seat;
  };

  it('is taken anew by who had it, with what they told', () => {
    const seat = taken();
    seat.publish(info);
    expect(seat.hold()).toBe(true);
    rmSync(join(folder, 'engine.lock'));
    expect(seat.hold()).toBe(true);
    expect(takeSeat(folder)).toEqual({ ok: false, taken: true, holder: info });
    rmSync(folder, { recursive: true });
    expect(seat.hold()).toBe(true);
    expect(findEngine(folder)).toMatchObject({ ok: true, info });
    rmSync(join(folder, 'engine.json'));
    expect(seat.hold()).toBe(true);
    expect(readInfo(folder)).toEqual(info);
    // As by who stood still between seeing that they hold it and writing.
    writeFileSync(join(folder, 'engine.json'), JSON.stringify({ ...info, pid: 4712 }));
    expect(seat.hold()).toBe(true);
    expect(readInfo(folder)).toEqual(info);
    seat.release();
    expect(findEngine(folder).ok).toBe(false);
  });

  it.each([
    ['removed', () => rmSync(join(folder, 'engine.lock'))],
    ['put aside with its folder', () => renameSync(folder, `${folder}-aside`)],
  ])('is lost to who was faster (%s), whose word it no longer touches', (_, take) => {
    const [first, other] = [taken(), { ...info, pid: 4712 }];
    first.publish(info);
    take();
    const second = taken();
    second.publish(other);
    expect(first.hold()).toBe(false);
    first.publish({ ...info, api: 'http://127.0.0.1:1' });
    expect(readInfo(folder)).toEqual(other);
    first.release();
    expect(existsSync(join(folder, 'engine.json'))).toBe(true);
    expect(findEngine(folder)).toMatchObject({ ok: true, info: other });
    second.release();
  });
});
