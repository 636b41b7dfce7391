import { describe, expect, it } from 'vitest';
import { createMarkReader, findByMark, findMarked, type MarkedOptions } from '../../../../src/engine/observe/marked';
import { type FakeProcess, fakeProcessTable, OUR_PID } from '../../../fakes/process-table';

const HERE = '/work/w';
const environment = { IDLEWATCH_WORKER_DIR: HERE };

function find(processes: FakeProcess[], options?: MarkedOptions, ancestors?: number[]) {
  const table = fakeProcessTable(processes, ancestors);
  const listed = table.list();
  const { marked, spared } = findMarked(table, table.self(), HERE, listed.ok ? listed.processes : [], options);
  return { marked: marked.map(({ pid }) => pid), spared: spared.map(({ fact, why }) => [fact.pid, why]) };
}

describe('findMarked', () => {
  it('finds what carries the mark, wherever it is, and nothing of a neighbour', () => {
    const found = find([
      { pid: 700, environment, sessionId: 700 },
      { pid: 701, environment: { IDLEWATCH_WORKER_DIR: `${HERE}/` } },
      { pid: 702, environment: { IDLEWATCH_WORKER_DIR: `${HERE}-1` } },
      { pid: 703, environment: { IDLEWATCH_WORKER_DIR: `${HERE}/sub` } },
      { pid: 704, environment: { OTHER: HERE } },
      { pid: 705, environment, stat: 'Z' },
    ]);
    expect(found).toEqual({ marked: [700, 701], spared: [] });
  });

  it("never looks into another user's", () => {
    expect(find([{ pid: 700, environment, uid: 0 }])).toEqual({ marked: [], spared: [] });
  });

  it.each(['tmux: server', 'screen', 'dbus-daemon', 'systemd'])('spares %s and all below it', (name) => {
    const found = find([
      { pid: 700, name, environment },
      { pid: 710, ppid: 700, environment, sessionId: 710 },
      { pid: 720, ppid: 710, environment, sessionId: 710 },
      { pid: 730, environment },
    ]);
    expect(found.marked).toEqual([730]);
    expect(found.spared).toEqual([[700, `it is ${name}, on which a whole session may hang`]]);
  });

  it('spares what idlewatch runs below, with all below it, and idlewatch itself', () => {
    const table = [
      { pid: 390, environment },
      { pid: 391, ppid: 390, environment },
      { pid: 700, environment },
    ];
    const found = find(table, {}, [400, 390, 1]);
    expect(found).toEqual({ marked: [700], spared: [[390, 'idlewatch runs below it']] });
    const own = fakeProcessTable([]);
    Object.assign(own.processes.find(({ pid }) => pid === OUR_PID)!, { environment });
    const listed = own.list();
    const { marked } = findMarked(own, own.self(), HERE, listed.ok ? listed.processes : []);
    expect(marked).toEqual([]);
  });

  it("spares another worker's, and what has one below it", () => {
    const otherOwner: MarkedOptions['otherOwner'] = ({ pid }) => (pid === 711 || pid === 720 ? 'other' : null);
    const found = find(
      [
        { pid: 700, environment },
        { pid: 710, ppid: 700 },
        { pid: 711, ppid: 710 },
        { pid: 720, environment },
        { pid: 730, environment },
      ],
      { otherOwner },
    );
    expect(found.marked).toEqual([730]);
    expect(found.spared).toEqual([
      [700, 'process 711 below it belongs to other'],
      [720, 'it belongs to other'],
    ]);
  });

  it('spares what unmarked sessions run below, but neither for its own session nor for another user (sudo)', () => {
    const found = find([
      { pid: 700, environment },
      { pid: 710, ppid: 700, sessionId: 710 },
      { pid: 720, environment },
      { pid: 721, ppid: 720 },
      { pid: 730, environment },
      { pid: 731, ppid: 730, uid: 0, sessionId: 731 },
      { pid: 740, environment },
      { pid: 741, ppid: 740, environment, sessionId: 741 },
    ]);
    expect(found.marked).toEqual([720, 730, 740, 741]);
    expect(found.spared).toEqual([[700, 'process 710 below it has a session of its own and no mark']]);
  });

  it('asks nothing of what is settled otherwise', () => {
    const settled = new Map([
      [700, true],
      [710, true],
      [720, false],
    ]);
    const found = find(
      [
        { pid: 690, environment },
        { pid: 700, ppid: 690, environment },
        { pid: 710, ppid: 700, sessionId: 710 },
        { pid: 720, environment },
      ],
      { settled },
    );
    expect(found).toEqual({ marked: [690], spared: [] });
  });

  it('tells of the one that started first', () => {
    const table = fakeProcessTable([
      { pid: 700, environment, startedAt: 3_000 },
      { pid: 900, environment, startedAt: 2_000 },
    ]);
    const listed = table.list();
    const found = findByMark(findMarked(table, table.self(), HERE, listed.ok ? listed.processes : []));
    expect(found).toMatchObject({
      liveness: 'alive',
      identity: { pid: 900, startTime: 'start of 900' },
      process: { from: 'mark', verified: true },
    });
    expect(findByMark({ marked: [], spared: [] })).toMatchObject({ identity: null, liveness: 'unknown' });
  });
});

describe('the mark reader', () => {
  const fact = (table: ReturnType<typeof fakeProcessTable>, pid: number) => {
    const look = table.inspect(pid);
    if (look.liveness !== 'alive') throw new Error('gone');
    return look.fact;
  };

  it('reads what was there at the start once, and what came later until it has a mark', () => {
    const table = fakeProcessTable([{ pid: 700 }, { pid: 710 }]);
    const reads: number[] = [];
    const { environmentValue } = table;
    table.environmentValue = (pid, name) => {
      reads.push(pid);
      return environmentValue(pid, name);
    };
    const marks = createMarkReader(table, [fact(table, 700)]);
    for (let look = 0; look < 3; look += 1) for (const pid of [700, 710]) marks.markOf(fact(table, pid));
    expect(reads).toEqual([700, 710, 710, 710]);
    table.processes.find(({ pid }) => pid === 710)!.environment = environment;
    expect(marks.markOf(fact(table, 710))).toBe(HERE);
    marks.markOf(fact(table, 710));
    expect(reads.length).toBe(5);
    marks.forget();
    marks.markOf(fact(table, 700));
    expect(reads.length).toBe(6);
  });

  it('does not take the mark of an ended process for that of the next with its pid', () => {
    const table = fakeProcessTable([{ pid: 700, environment }]);
    const marks = createMarkReader(table);
    expect(marks.markOf(fact(table, 700))).toBe(HERE);
    Object.assign(table.processes.find(({ pid }) => pid === 700)!, { startTime: 'new', environment: {} });
    expect(marks.markOf(fact(table, 700))).toBeNull();
  });
});
