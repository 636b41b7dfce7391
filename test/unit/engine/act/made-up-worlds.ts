import fc from 'fast-check';
import type { KillTarget } from '../../../../src/engine/monitor-types';
import type { ProcessFact } from '../../../../src/engine/ports';
import { killTarget } from '../../../fakes/kill-target';
import {
  type FakeProcess,
  type FakeProcessTable,
  fakeProcessTable,
  OUR_PID,
  OUR_UID,
} from '../../../fakes/process-table';

export const NAMES = ['a', 'a-1', 'a-10', 'b'];
export const HOSTS = ['tmux: server', 'systemd', 'dbus-daemon'];

export interface World {
  table: FakeProcessTable;
  targets: KillTarget[];
}

const name = fc.constantFrom(...NAMES);
// Few pids, so that trees, claims, cycles and our own line of descent meet often.
const pid = fc.integer({ min: 2, max: 24 });
const anyPid = fc.oneof({ weight: 8, arbitrary: pid }, fc.constantFrom(0, 1, -1, 400, OUR_PID));
const claimedPid = fc.oneof({ weight: 8, arbitrary: anyPid }, fc.constantFrom(1.5, Number.NaN, 2 ** 60));

const process: fc.Arbitrary<FakeProcess> = fc.record({
  pid,
  ppid: anyPid,
  pgid: fc.oneof(pid, fc.constantFrom(0, 1, OUR_PID)),
  sessionId: fc.oneof(pid, fc.constantFrom(0, 1, OUR_PID)),
  uid: fc.oneof({ weight: 10, arbitrary: fc.constant(OUR_UID) }, fc.constantFrom(0, 1001, -1)),
  stat: fc.constantFrom('S', 'S', 'S', 'R', 'D', 'Z'),
  startedAt: fc.constantFrom(1_000_000, 1_000_000, 3_000_000),
  name: fc.oneof({ weight: 8, arbitrary: fc.constant('program') }, fc.constantFrom(...HOSTS)),
  cwd: fc.option(
    fc.oneof(
      name.map((n) => `/work/${n}`),
      fc.constant('/'),
    ),
  ),
  args: fc.constantFrom(['agent'], ['electron', '--type=renderer'], null),
  files: fc.array(fc.record({ path: name.map((n) => `/work/${n}/outbox.jsonl`), writing: fc.boolean() }), {
    maxLength: 2,
  }),
  environment: fc.oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: name.map((n) => ({ IDLEWATCH_WORKER_DIR: `/work/${n}` })) },
  ),
});

const claimed = fc.record({
  pid: claimedPid,
  from: fc.constantFrom('heartbeat', 'heartbeat', 'spec', 'session', 'supervisor'),
  isExact: fc.boolean(),
  panes: fc.option(fc.array(pid, { maxLength: 3 })),
  serverPid: pid,
});

/** Made-up tables of processes with four workers, some of which tell the truth. */
export const worlds: fc.Arbitrary<World> = fc
  .record({
    processes: fc.uniqueArray(process, { selector: (made) => made.pid, minLength: 10, maxLength: 22 }),
    above: fc.subarray([2, 3, 4]),
    claims: fc.tuple(...NAMES.map(() => fc.option(claimed))),
    // Honest workers, by the place of their process in the table, so that not every claim is refused.
    honest: fc.tuple(...NAMES.map(() => fc.option(fc.nat(9)))),
  })
  .map((made) => {
    // What shrinks a failing world maps it again and again.
    const { processes, above, claims, honest } = structuredClone(made);
    for (const [index, place] of honest.entries()) {
      const own = place === null ? undefined : processes[place];
      if (!own) continue;
      const panes = claims[index]?.panes ? [own.pid, ...claims[index].panes] : null;
      const from = claims[index]?.from ?? 'heartbeat';
      claims[index] = { pid: own.pid, from, isExact: true, panes, serverPid: own.ppid ?? 1 };
      Object.assign(own, { cwd: `/work/${NAMES[index]}`, startedAt: 1_000_000, stat: 'S' });
    }
    // What has ended has no children any more.
    const ended = new Set(processes.filter(({ stat }) => stat === 'Z').map((one) => one.pid));
    for (const one of processes) if (ended.has(one.ppid ?? 1)) one.ppid = 1;
    return {
      table: fakeProcessTable(processes, [400, ...above, 1]),
      targets: NAMES.map((n, index) => targetOf(n, claims[index] ?? null)),
    };
  });

type Claimed = typeof claimed extends fc.Arbitrary<infer T> ? T : never;

function targetOf(workerName: string, made: Claimed | null): KillTarget {
  if (!made) return killTarget(workerName, null);
  const { pid, from, isExact, panes, serverPid } = made;
  const noted = isExact && from === 'supervisor' ? { startTime: `start of ${pid}` } : {};
  return killTarget(workerName, pid, {
    claim: { pid, from: from as 'heartbeat', namedAt: 2_000_000, ...noted },
    session: panes && { name: workerName, id: '$1', serverPid, createdAt: 1_000_000, panePids: panes },
  });
}

/** As a kernel keeps it: no circles, a child in its parent's session or in one it made, a group within one session. */
export function makePossible({ table }: World): void {
  const facts = factsOf(table);
  const byPid = new Map(table.processes.map((one) => [one.pid, one]));
  const done = new Set<number>([1]);
  function settle(one: FakeProcess): void {
    if (done.has(one.pid)) return;
    if (inCircle(one.pid, facts)) {
      one.ppid = 1;
      facts.set(one.pid, { ...(facts.get(one.pid) as ProcessFact), ppid: 1 });
    }
    const parent = byPid.get(one.ppid ?? 1);
    if (parent) settle(parent);
    done.add(one.pid);
    if (one.sessionId === one.pid) one.pgid = one.pid;
    else if (parent && parent.pid !== 1) one.sessionId = parent.sessionId;
  }
  for (const one of table.processes) settle(one);
  // A group lies in one session: known only once all sessions are.
  for (const one of table.processes) {
    const leader = byPid.get(one.pgid ?? 1);
    if (leader && leader.sessionId !== one.sessionId) one.pgid = one.pid;
  }
}

/** No real process is its own ancestor; a plan must bear it, but no order holds there. */
export function inCircle(start: number, facts: ReadonlyMap<number, ProcessFact>): boolean {
  const passed = new Set<number>();
  let at: number | undefined = start;
  while (at !== undefined && !passed.has(at)) {
    passed.add(at);
    at = facts.get(at)?.ppid;
  }
  return at !== undefined;
}

export function factsOf(table: FakeProcessTable): Map<number, ProcessFact> {
  const listed = table.list();
  return new Map(listed.ok ? listed.processes.map((fact) => [fact.pid, fact]) : []);
}
