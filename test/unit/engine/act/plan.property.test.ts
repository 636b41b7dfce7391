import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planKill } from '../../../../src/engine/act/plan';
import { findClaimed } from '../../../../src/engine/observe/process-claim';
import type { ProcessFact } from '../../../../src/engine/ports';
import { killTarget } from '../../../fakes/kill-target';
import { type FakeProcess, fakeProcessTable, OUR_PID, OUR_UID } from '../../../fakes/process-table';

const NAMES = ['a', 'a-1', 'a-10', 'b'];
const name = fc.constantFrom(...NAMES);
// Few pids, so that trees, claims, cycles and our own line of descent meet often.
const pid = fc.integer({ min: 2, max: 24 });
const anyPid = fc.oneof({ weight: 8, arbitrary: pid }, fc.constantFrom(0, 1, -1, 400, OUR_PID));

const process: fc.Arbitrary<FakeProcess> = fc.record({
  pid,
  ppid: anyPid,
  pgid: fc.oneof(pid, fc.constantFrom(0, 1, OUR_PID)),
  uid: fc.oneof({ weight: 10, arbitrary: fc.constant(OUR_UID) }, fc.constantFrom(0, 1001, -1)),
  stat: fc.constantFrom('S', 'S', 'S', 'R', 'D', 'Z'),
  startedAt: fc.constantFrom(1_000_000, 1_000_000, 3_000_000),
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
    fc.constant({}),
    name.map((n) => ({ IDLEWATCH_WORKER_DIR: `/work/${n}` })),
  ),
});

const world = fc.record({
  processes: fc.uniqueArray(process, { selector: (made) => made.pid, minLength: 10, maxLength: 22 }),
  above: fc.subarray([2, 3, 4]),
  claims: fc.tuple(...NAMES.map(() => fc.option(anyPid))),
  // Honest workers, by the place of their process in the table, so that not every claim is refused.
  honest: fc.tuple(...NAMES.map(() => fc.option(fc.nat(9)))),
});

/** No real process is its own ancestor; a plan must bear it, but no order holds there. */
function inCircle(start: number, facts: ReadonlyMap<number, ProcessFact>): boolean {
  const passed = new Set<number>();
  let at: number | undefined = start;
  while (at !== undefined && !passed.has(at)) {
    passed.add(at);
    at = facts.get(at)?.ppid;
  }
  return at !== undefined;
}

it('no plan ever contains a forbidden process', () => {
  let carriedOut = 0;
  let spared = 0;
  fc.assert(
    fc.property(world, ({ processes, above, claims, honest }) => {
      for (const [index, place] of honest.entries()) {
        const own = place === null ? undefined : processes[place];
        if (!own) continue;
        claims[index] = own.pid;
        Object.assign(own, { cwd: `/work/${NAMES[index]}`, startedAt: 1_000_000, stat: 'S' });
      }
      const table = fakeProcessTable(processes, [400, ...above, 1]);
      const targets = NAMES.map((n, index) => killTarget(n, claims[index] ?? null));
      const self = table.self();
      for (const target of targets) {
        const request = { planId: 'p', target, targets, killGraceMs: 0, madeAt: 0 };
        const { plan } = planKill(table, request);
        const shared = new Set(plan.sharedWith.map(({ id }) => id));
        const ofOthers = targets
          .filter((other) => other !== target && !shared.has(other.workerId))
          .map((other) => findClaimed(table, self, other).identity?.pid);
        const listed = table.list();
        const facts = new Map(listed.ok ? listed.processes.map((fact) => [fact.pid, fact]) : []);
        const planned = plan.processes.map((made) => made.pid);

        expect(plan.refused === null).toBe(planned.length > 0);
        expect(new Set(planned).size).toBe(planned.length);
        for (const [index, made] of plan.processes.entries()) {
          const fact = facts.get(made.pid);
          expect(made.pid).toBeGreaterThan(1);
          expect(made.pid).not.toBe(self.pid);
          expect(self.ancestors).not.toContain(made.pid);
          expect(fact?.uid).toBe(self.uid);
          expect(fact?.startTime).toBe(made.startTime);
          expect(fact?.stat).not.toBe('Z');
          expect(ofOthers).not.toContain(made.pid);
          expect(plan.spared.map((one) => one.pid)).not.toContain(made.pid);
          if (!inCircle(made.pid, facts)) {
            expect(planned.indexOf(made.ppid), 'a parent comes before its children').toBeLessThan(index);
          }
        }
        if (planned.length > 1) carriedOut += 1;
        spared += plan.spared.length;
      }
    }),
    { numRuns: 800 },
  );
  // The generator must not make this a test of refusals alone.
  expect(carriedOut).toBeGreaterThan(100);
  expect(spared).toBeGreaterThan(100);
});
