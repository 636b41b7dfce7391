import { describe, expect, it } from 'vitest';
import { findHolders } from '../../../../src/engine/observe/process-holder';
import { createUnsupportedProcessTable } from '../../../../src/host/process-table/unsupported';
import { killTarget } from '../../../fakes/kill-target';
import { type FakeProcess, fakeProcessTable } from '../../../fakes/process-table';

const a = killTarget('a', null);
const b = killTarget('b', null);
const writes = (...paths: string[]) => paths.map((path) => ({ path: `/work/${path}`, writing: true }));

function holders(processes: FakeProcess[], subjects = [a, b]) {
  const table = fakeProcessTable(processes);
  return findHolders(table, table.self(), subjects);
}

describe('findHolders', () => {
  it('finds the process that holds a file of the worker open for writing', () => {
    const found = holders([{ pid: 700, files: writes('a/outbox.jsonl') }]);
    expect(found.get(a)).toMatchObject({
      liveness: 'alive',
      identity: { pid: 700 },
      process: { pid: 700, from: 'open_file', verified: true },
      serves: [a],
    });
    expect(found.get(b)).toMatchObject({ process: null, identity: null, liveness: 'unknown', serves: [] });
  });

  it('does not count reading, nor files that are not the worker’s own', () => {
    const found = holders([
      { pid: 700, files: [{ path: '/work/a/outbox.jsonl', writing: false }] },
      { pid: 701, files: writes('a/inbox.jsonl', 'a/outbox.jsonl (deleted)') },
    ]);
    expect(found.get(a)?.identity).toBeNull();
  });

  it('does not take a multiplexer that keeps the worker’s log for the worker', () => {
    const found = holders([{ pid: 700, name: 'tmux: server', files: writes('a/outbox.jsonl') }]);
    expect(found.get(a)?.identity).toBeNull();
  });

  it('names all workers a holder serves', () => {
    const found = holders([{ pid: 700, files: writes('a/outbox.jsonl', 'b/heartbeat.json') }]);
    expect(found.get(a)?.serves).toEqual([a, b]);
    expect(found.get(b)?.serves).toEqual([a, b]);
    expect(found.get(b)?.process?.why).toContain('files of 1 other worker');
  });

  it('takes the parent where children inherited its files', () => {
    const found = holders([
      { pid: 702, ppid: 701, files: writes('a/outbox.jsonl') },
      { pid: 700, files: writes('a/outbox.jsonl') },
      { pid: 701, ppid: 700, files: [] },
    ]);
    expect(found.get(a)?.identity?.pid).toBe(700);
  });

  it('takes the process of one worker before the host of many', () => {
    const found = holders([
      { pid: 700, files: writes('a/outbox.jsonl', 'b/outbox.jsonl') },
      { pid: 701, ppid: 700, files: writes('a/outbox.jsonl') },
    ]);
    expect(found.get(a)?.identity?.pid).toBe(701);
    expect(found.get(b)?.identity?.pid).toBe(700);
  });

  it('takes none of two that have nothing to do with each other', () => {
    const found = holders([
      { pid: 700, files: writes('a/outbox.jsonl') },
      { pid: 701, files: writes('a/heartbeat.json') },
    ]);
    expect(found.get(a)?.identity).toBeNull();
    expect(found.get(a)?.reason).toContain('700, 701');
  });

  it('passes over idlewatch, those above it, other users, and what has ended', () => {
    const table = fakeProcessTable([
      { pid: 700, uid: 0 },
      { pid: 701, stat: 'Z' },
    ]);
    for (const process of table.processes) process.files = writes('a/outbox.jsonl');
    expect(findHolders(table, table.self(), [a]).get(a)?.reason).toContain('none holds its files');
  });

  it('says why where the process table cannot be read', () => {
    const table = createUnsupportedProcessTable('Windows');
    expect(findHolders(table, table.self(), [a]).get(a)?.reason).toContain('not built for Windows yet');
  });
});
