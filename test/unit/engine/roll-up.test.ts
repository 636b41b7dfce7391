import { beforeEach, describe, expect, it } from 'vitest';
import { RollUp } from '../../../src/engine/roll-up';
import { NO_PROCESS, newRecord, type WorkerRecord } from '../../../src/engine/worker-record';
import type { SourceKind } from '../../../src/shared/model';
import { type FakeProcessTable, fakeProcessTable } from '../../fakes/process-table';
import { SteppedClock } from '../../fakes/stepped-clock';
import { reading } from '../../fixtures/reading';

let clock: SteppedClock;
let table: FakeProcessTable;
let records: WorkerRecord[];
let rollUp: RollUp;
let looks: number;

beforeEach(() => {
  clock = new SteppedClock();
  const fake = fakeProcessTable([]);
  looks = 0;
  table = {
    ...fake,
    inspect(pid) {
      looks += 1;
      return fake.inspect(pid);
    },
  };
  records = [];
  rollUp = new RollUp(table, clock, () => records);
});

function worker(kind: SourceKind, pid: number | null, over: object = {}): WorkerRecord {
  const record = newRecord(`${kind}:${pid}`, { kind } as never, { monotonicMs: 0, at: 0 });
  record.reading = reading({ id: record.id, ...over });
  const identity = pid === null ? null : { pid, startTime: `start of ${pid}` };
  record.process = { ...NO_PROCESS, identity, liveness: 'alive' };
  records.push(record);
  return record;
}

const start = (pid: number, ppid: number) => table.processes.push({ pid, ppid });
const session = (panePids: number[]) => ({ session: { name: 's', id: '$1', serverPid: 77, createdAt: 0, panePids } });

function runsIn(record: WorkerRecord) {
  rollUp.look(record);
  return record.runsIn?.workerId ?? null;
}

describe('a session runs in', () => {
  beforeEach(() => {
    start(600, 1);
    start(601, 600);
    start(602, 601);
  });

  it('the run that started it, by however many processes', () => {
    worker('supervised-run', 600);
    expect(runsIn(worker('claude-code', 602))).toBe('supervised-run:600');
  });

  it('the run whose own process it is', () => {
    worker('supervised-run', 600);
    expect(runsIn(worker('codex', 600))).toBe('supervised-run:600');
  });

  it('the workbench in any of whose panes it was started', () => {
    worker('workbench', null, session([500, 601]));
    expect(runsIn(worker('claude-code', 602))).toBe('workbench:null');
  });

  it('the nearest of them', () => {
    worker('workbench', 600);
    worker('supervised-run', 601);
    expect(runsIn(worker('claude-code', 602))).toBe('supervised-run:601');
  });

  it('none that has ended, or whose number is another process’s now', () => {
    const gone = worker('supervised-run', 600);
    gone.process = { ...gone.process, liveness: 'gone' };
    const other = worker('supervised-run', 601);
    other.process = { ...other.process, identity: { pid: 601, startTime: 'before' } };
    expect(runsIn(worker('claude-code', 602))).toBeNull();
  });

  it('no worker of another kind, and only sessions do', () => {
    worker('worker-directory', 600);
    expect(runsIn(worker('claude-code', 602))).toBeNull();
    worker('supervised-run', 600);
    expect(runsIn(worker('worker-directory', 602))).toBeNull();
  });

  it('one that is found later', () => {
    const record = worker('claude-code', 602);
    expect(runsIn(record)).toBeNull();
    worker('supervised-run', 600);
    clock.step(6_000);
    expect(runsIn(record)).toBe('supervised-run:600');
  });

  it('the same for as long as its process is the same, whoever is its parent', () => {
    worker('supervised-run', 600);
    const record = worker('claude-code', 602);
    expect(runsIn(record)).toBe('supervised-run:600');
    table.processes.splice(0, 3, { pid: 602, ppid: 1 });
    record.process = { ...record.process, liveness: 'gone' };
    clock.step(60_000);
    expect(runsIn(record)).toBe('supervised-run:600');
    record.process = { ...record.process, identity: { pid: 602, startTime: 'later' }, liveness: 'alive' };
    expect(runsIn(record)).toBeNull();
  });
});

it('costs nothing where there is no workbench and no run, and little where a session runs in none', () => {
  start(602, 1);
  const record = worker('claude-code', 602);
  runsIn(record);
  expect(looks).toBe(0);
  worker('supervised-run', 700);
  clock.step(6_000);
  for (let at = 0; at < 100; at += 1) runsIn(record);
  expect(looks).toBe(1);
});
