import { describe, expect, it } from 'vitest';
import {
  claimedLiveness,
  findClaimed,
  REPORTED_LATE_MS,
  START_TOLERANCE_MS,
} from '../../../../src/engine/observe/process-claim';
import type { ProcessClaim } from '../../../../src/engine/sources/source';
import { createUnsupportedProcessTable } from '../../../../src/host/process-table/unsupported';
import { killTarget } from '../../../fakes/kill-target';
import { type FakeProcess, fakeProcessTable, OUR_PID } from '../../../fakes/process-table';

const STARTED_AT = 2_000_000;
/** Nothing but its start ties it to what is reported. */
const ELSEWHERE = { pid: 700, cwd: '/elsewhere', files: [] };

function find(process: FakeProcess | null, claim: Partial<ProcessClaim>) {
  const table = fakeProcessTable(process ? [process] : []);
  const whole: ProcessClaim = { pid: 700, from: 'report', namedAt: STARTED_AT, ...claim };
  const found = findClaimed(table, table.self(), killTarget('w', null, { claim: whole }));
  return { ...found, byStart: claimedLiveness(table, whole) };
}

describe('a process that is reported with its start time', () => {
  it('is the one that has it', () => {
    const found = find({ ...ELSEWHERE, startTime: '77' }, { startTime: '77' });
    expect(found).toMatchObject({ liveness: 'alive', byStart: 'alive', identity: { pid: 700, startTime: '77' } });
  });

  it('is gone where the pid has another one', () => {
    const found = find({ ...ELSEWHERE, startTime: '78' }, { startTime: '77', startedAt: 1_000_000 });
    expect(found).toMatchObject({ liveness: 'gone', byStart: 'gone', identity: null });
  });
});

describe('a process that is reported with about when it was started', () => {
  it.each([0, START_TOLERANCE_MS, -REPORTED_LATE_MS])('is the one that started %d ms after that', (ms) => {
    const found = find({ ...ELSEWHERE, startedAt: STARTED_AT + ms }, { startedAt: STARTED_AT });
    expect(found).toMatchObject({ liveness: 'alive', byStart: 'alive', process: { verified: true } });
    expect(found.reason).toContain('it started when its report says');
  });

  it.each([START_TOLERANCE_MS + 1, 3_600_000])('is gone where the pid was given to another %d ms later', (ms) => {
    const found = find({ ...ELSEWHERE, startedAt: STARTED_AT + ms }, { startedAt: STARTED_AT });
    expect(found).toMatchObject({ liveness: 'gone', byStart: 'gone', identity: null });
    expect(found.reason).toContain('given to another program');
  });

  it('is not one that works in the same directory and started later: the pid was recycled', () => {
    const recycled = { pid: 700, cwd: '/work/w', startedAt: STARTED_AT + 60_000 };
    expect(find(recycled, { startedAt: STARTED_AT })).toMatchObject({ liveness: 'gone', identity: null });
  });

  it('is not known to be one that started long before, wherever it works', () => {
    const older = { pid: 700, cwd: '/work/w', startedAt: STARTED_AT - REPORTED_LATE_MS - 1 };
    expect(find(older, { startedAt: STARTED_AT })).toMatchObject({
      ...{ liveness: 'unknown', byStart: 'unknown', identity: null },
      reason: expect.stringContaining('long before'),
    });
  });

  it.each([
    ['another user’s', { ...ELSEWHERE, uid: 1001 }, 'belongs to another user'],
    ['a session’s', { ...ELSEWHERE, name: 'tmux: server' }, 'a whole session may hang'],
  ])('is never %s', (_, process, why) => {
    const found = find({ ...process, startedAt: STARTED_AT }, { startedAt: STARTED_AT });
    expect(found).toMatchObject({ identity: null, reason: expect.stringContaining(why) });
  });

  it('is never idlewatch itself', () => {
    const found = find(null, { pid: OUR_PID, startedAt: 1_000_000 });
    expect(found).toMatchObject({ identity: null, process: { why: 'it is idlewatch itself' } });
  });
});

describe('a process that is reported with nothing of its start', () => {
  it('has to show that it belongs to the worker', () => {
    expect(find({ ...ELSEWHERE, startedAt: STARTED_AT }, {})).toMatchObject({ liveness: 'unknown', identity: null });
    expect(find({ pid: 700, cwd: '/work/w' }, {}).identity).not.toBeNull();
  });

  it('lives by its pid where that was not given to another since', () => {
    expect(find({ ...ELSEWHERE, startedAt: STARTED_AT }, {}).byStart).toBe('alive');
    expect(find({ ...ELSEWHERE, startedAt: STARTED_AT + START_TOLERANCE_MS + 1 }, {}).byStart).toBe('gone');
  });
});

it('whether a process lives is not known where the table cannot tell', () => {
  const claim: ProcessClaim = { pid: 700, from: 'report', namedAt: STARTED_AT, startTime: '1' };
  expect(claimedLiveness(createUnsupportedProcessTable('macOS'), claim)).toBe('unknown');
  expect(find(null, { startTime: '1' }).byStart).toBe('gone');
});
