import { describe, expect, it } from 'vitest';
import { inRunSession } from '../../../../src/engine/observe/run-session';
import { type FakeProcess, fakeProcessTable } from '../../../fakes/process-table';

const SESSION = { pid: 700, startTime: 'start of 700', heldUntil: 2_000_000 };
const OLD = { sessionId: 700, startedAt: 1_999_000 };
const NEW = { sessionId: 700, startedAt: 2_001_000 };

function found(processes: FakeProcess[], session = SESSION): number[] {
  const listed = fakeProcessTable(processes).list();
  return listed.ok ? inRunSession(listed.processes, session).map(({ pid }) => pid) : [];
}

describe('the session of a supervised command', () => {
  it('is all that is in it while its first process is there', () => {
    expect(found([{ pid: 700, ...NEW }, { pid: 701, ...NEW }, { pid: 702 }])).toEqual([700, 701]);
  });

  it('is all that is in it afterwards too, where one started while its supervisor lived', () => {
    expect(found([{ pid: 701, ...OLD }, { pid: 702, ...NEW }, { pid: 703 }])).toEqual([701, 702]);
    expect(
      found([
        { pid: 700, ...OLD, stat: 'Z' },
        { pid: 701, ...OLD },
      ]),
    ).toEqual([701]);
  });

  it('is nothing where the number may have been given to another session since', () => {
    expect(found([{ pid: 701, ...NEW }])).toEqual([]);
    expect(
      found([
        { pid: 700, ...OLD, startTime: 'another' },
        { pid: 701, ...OLD },
      ]),
    ).toEqual([]);
    expect(found([{ pid: 5, sessionId: 1, startedAt: 0 }], { ...SESSION, pid: 1 })).toEqual([]);
    expect(found([{ pid: 5, sessionId: 0, startedAt: 0 }], { ...SESSION, pid: 0 })).toEqual([]);
  });
});
