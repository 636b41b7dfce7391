import { beforeEach, describe, expect, it } from 'vitest';
import { InFlightWatch } from '../../../src/engine/in-flight-watch';
import { inFlightFact } from '../../../src/engine/observe/in-flight';
import type { SocketFact } from '../../../src/engine/ports';
import { NO_PROCESS, newRecord, type WorkerRecord } from '../../../src/engine/worker-record';
import { type FakeProcess, type FakeProcessTable, fakeProcessTable } from '../../fakes/process-table';
import { SteppedClock } from '../../fakes/stepped-clock';
import { reading } from '../../fixtures/reading';

const CONNECTION: SocketFact = {
  state: 'established',
  localAddress: '10.0.0.2',
  localPort: 50_000,
  remoteAddress: '1.2.3.4',
  remotePort: 443,
};

let clock: SteppedClock;
let table: FakeProcessTable;
let records: WorkerRecord[];
let watch: InFlightWatch;
let asked: { lists: number; sockets: number };

beforeEach(() => {
  clock = new SteppedClock();
  const fake = fakeProcessTable([]);
  asked = { lists: 0, sockets: 0 };
  table = {
    ...fake,
    list() {
      asked.lists += 1;
      return fake.list();
    },
    sockets(pid) {
      asked.sockets += 1;
      return fake.sockets(pid);
    },
  };
  records = [];
  watch = new InFlightWatch(table, clock, () => records);
});

function start(pid: number, over: Partial<FakeProcess> = {}): FakeProcess {
  const process: FakeProcess = { pid, cpuMs: 0, ...over };
  table.processes.push(process);
  return process;
}

/** A worker whose process is verified and lives. */
function worker(name: string, pid: number, parentId: string | null = null): WorkerRecord {
  const record = newRecord(name, null as never, { monotonicMs: 0, at: 0 });
  record.reading = reading({ id: name, parentId });
  record.process = { ...NO_PROCESS, identity: { pid, startTime: `start of ${pid}` }, liveness: 'alive' };
  records.push(record);
  return record;
}

const isAtWork = (record: WorkerRecord) => inFlightFact(record.inFlight, false)?.isMeasured === true;

/** Ten seconds go by from its being late to its being over its time, in which these use so much processor time. */
function overTime(record: WorkerRecord, ...using: FakeProcess[]): boolean {
  watch.look(record, false);
  clock.step(10_000);
  for (const process of using) process.cpuMs = (process.cpuMs ?? 0) + 500;
  watch.look(record, true);
  return isAtWork(record);
}

describe('a worker over its time', () => {
  it('is at work where anything of its tree is', () => {
    start(600);
    start(601, { ppid: 600 });
    const grandchild = start(602, { ppid: 601, sockets: [CONNECTION] });
    expect(overTime(worker('w', 600), grandchild)).toBe(true);
  });

  it('is not for what others do', () => {
    start(600, { sockets: [CONNECTION] });
    expect(overTime(worker('w', 600), start(700, { sockets: [CONNECTION] }))).toBe(false);
  });

  it('is not for a process that is another worker’s, though it started it', () => {
    start(600, { sockets: [CONNECTION] });
    const child = start(601, { ppid: 600, sockets: [CONNECTION] });
    const parent = worker('w', 600);
    const other = worker('other', 601);
    expect(overTime(parent, child)).toBe(false);
    expect(overTime(other, child)).toBe(true);
  });

  it('is not for a process that serves other workers too', () => {
    const host = start(600, { sockets: [CONNECTION] });
    const one = worker('one', 600);
    worker('two', 600);
    expect(overTime(one, host)).toBe(false);
  });

  it('is for a process that serves its own sub-agents', () => {
    const host = start(600, { sockets: [CONNECTION] });
    const parent = worker('parent', 600);
    const agent = worker('agent', 600, 'parent');
    expect(overTime(parent, host)).toBe(true);
    expect(overTime(agent, host)).toBe(true);
  });

  it('is for a process that is that of the run it runs in too, and no other session there', () => {
    const command = start(600, { sockets: [CONNECTION] });
    const child = start(601, { ppid: 600, sockets: [CONNECTION] });
    worker('run', 600);
    const runsIn = (key: string) => ({ key, workerId: 'run', askedMs: 0 });
    const session = Object.assign(worker('session', 600), { runsIn: runsIn('600') });
    const other = Object.assign(worker('other', 601), { runsIn: runsIn('601') });
    expect(overTime(session, child)).toBe(false);
    session.inFlight = null;
    expect(overTime(session, command)).toBe(true);
    expect(overTime(other, child)).toBe(true);
  });

  it('is for a process that others share, where that is said to work for it alone, and uses more than at rest', () => {
    const host = start(600, { sockets: [CONNECTION] });
    worker('owner', 600);
    const guest = worker('guest', 601);
    const worksIn = { process: { pid: 600, startTime: 'start of 600' }, atWorkPercent: 4 };
    const livesIn = (over: object) => {
      guest.process = { ...NO_PROCESS, liveness: 'alive' };
      guest.reading = reading({ id: 'guest', ...over });
      guest.inFlight = null;
    };
    livesIn({ worksIn });
    expect(overTime(guest, host)).toBe(true);
    livesIn({ worksIn: { ...worksIn, atWorkPercent: 6 } });
    expect(overTime(guest, host)).toBe(false);
    livesIn({});
    expect(overTime(guest, host)).toBe(false);
  });

  it('is not known to be where another process has its number by now', () => {
    const process = start(600, { sockets: [CONNECTION] });
    const record = worker('w', 600);
    watch.look(record, false);
    process.startTime = 'later';
    expect(overTime(record, process)).toBe(false);
    expect(record.inFlight).toBeNull();
  });

  it('has nothing known of it without a verified process that lives', () => {
    const record = worker('w', 600);
    record.process = { ...record.process, liveness: 'gone' };
    watch.look(record, true);
    expect(record.inFlight).toBeNull();
    expect(asked.lists).toBe(0);
  });
});

describe('what looking costs', () => {
  it('is one listing a second for all, and sockets only of those that use processor time', () => {
    const processes = Array.from({ length: 50 }, (_, at) => start(1_000 + at, { sockets: [CONNECTION] }));
    const late = processes.map(({ pid }) => worker(`w${pid}`, pid));
    for (const record of late) watch.look(record, false);
    expect(asked).toEqual({ lists: 1, sockets: 0 });
    clock.step(10_000);
    processes[0]!.cpuMs = 500;
    for (const record of late) watch.look(record, true);
    expect(asked).toEqual({ lists: 2, sockets: 1 });
    for (let each = 0; each < 9; each += 1) {
      clock.step(100);
      for (const record of late) watch.look(record, true);
    }
    expect(asked).toEqual({ lists: 2, sockets: 1 });
  });

  it('is nothing more for a worker that stays late', () => {
    start(600);
    const record = worker('w', 600);
    for (let each = 0; each < 10; each += 1) {
      watch.look(record, false);
      clock.step(5_000);
    }
    expect(asked).toEqual({ lists: 1, sockets: 0 });
  });

  it('stays bounded in a tree without end', () => {
    const root = start(600, { sockets: [CONNECTION] });
    for (let pid = 601; pid < 1_200; pid += 1) start(pid, { ppid: 600, sockets: [] });
    expect(overTime(worker('w', 600), root)).toBe(true);
    expect(asked.sockets).toBeLessThanOrEqual(64);
  });
});
