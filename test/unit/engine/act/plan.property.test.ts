import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planKill } from '../../../../src/engine/act/plan';
import { findClaimed } from '../../../../src/engine/observe/process-claim';
import type { KillPlan } from '../../../../src/shared/model';
import { OUR_PID, OUR_UID } from '../../../fakes/process-table';
import { factsOf, HOSTS, inCircle, type World, worlds } from './made-up-worlds';

it('no plan ever contains a forbidden process', () => {
  const seen = { whole: 0, spared: 0, byMark: 0, sessions: 0, processes: 0 };
  fc.assert(
    fc.property(worlds, (world) => {
      for (const target of world.targets) {
        const request = { planId: 'p', target, targets: world.targets, killGraceMs: 0, madeAt: 0 };
        const { plan } = planKill(world.table, request);
        checkPlan(world, plan);
        checkOthers(world, plan);
        checkReasons(world, plan);
        seen.processes += plan.processes.length;
        seen.spared += plan.spared.length;
        if (plan.processes.length > 1) seen.whole += 1;
        if (plan.processes.some(({ why }) => why.includes('carries the mark'))) seen.byMark += 1;
        if (plan.session !== null && plan.processes.length) seen.sessions += 1;
      }
    }),
    { numRuns: 800 },
  );
  // The generator must not make this a test of refusals alone.
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(100);
  process.stdout.write(
    `plans over generated tables: ${seen.processes} processes planned, ${seen.spared} spared, 0 forbidden\n`,
  );
});

function checkPlan({ table }: World, plan: KillPlan): void {
  const self = table.self();
  const facts = factsOf(table);
  const planned = plan.processes.map((made) => made.pid);
  if (plan.refused !== null) expect(planned).toEqual([]);
  else expect(planned.length > 0 || plan.session !== null).toBe(true);
  expect(new Set(planned).size).toBe(planned.length);
  for (const [index, made] of plan.processes.entries()) {
    const fact = facts.get(made.pid);
    expect(made.pid).toBeGreaterThan(1);
    expect(made.pid).not.toBe(self.pid);
    expect(self.ancestors).not.toContain(made.pid);
    expect(fact?.uid).toBe(self.uid);
    expect(fact?.startTime).toBe(made.startTime);
    expect(fact?.stat).not.toBe('Z');
    const isHelper = fact?.ppid === OUR_PID && table.commandArguments(made.pid)?.includes('--type=renderer');
    expect(isHelper, 'a helper of ours').toBeFalsy();
    expect(plan.spared.map((one) => one.pid)).not.toContain(made.pid);
    if (!inCircle(made.pid, facts)) {
      expect(planned.indexOf(made.ppid), 'a parent comes before its children').toBeLessThan(index);
    }
  }
}

/** Neither a process another worker names, nor the first of a pane of another's session, unless that is said. */
function checkOthers({ table, targets }: World, plan: KillPlan): void {
  const apart = targets.filter(
    ({ workerId }) => workerId !== plan.workerId && !plan.sharedWith.some(({ id }) => id === workerId),
  );
  const facts = factsOf(table);
  const root = plan.processes.find(({ depth }) => depth === 0);
  const theirs = apart.flatMap((other) => {
    const panes = (other.session?.panePids ?? []).filter((pid) => facts.get(pid)?.ppid === other.session?.serverPid);
    return [findClaimed(table, table.self(), other).identity?.pid, ...panes];
  });
  for (const { pid } of plan.processes) expect(theirs, `of another worker, below ${root?.pid}`).not.toContain(pid);
}

/** Every process is there for a reason that can be found again; and none by its mark alone that hosts a session. */
function checkReasons({ table, targets }: World, plan: KillPlan): void {
  const facts = factsOf(table);
  const target = targets.find(({ workerId }) => workerId === plan.workerId);
  const planned = new Set(plan.processes.map(({ pid }) => pid));
  const others = plan.spared.map(({ pid }) => pid).filter((pid) => facts.get(pid)?.uid !== OUR_UID);

  function isFound(pid: number): boolean {
    const isNamed = target?.claim?.pid === pid || target?.session?.panePids.includes(pid);
    const isMarked = table.environmentValue(pid, 'IDLEWATCH_WORKER_DIR') === target?.path;
    const holds = table.openFiles(pid)?.some(({ path, writing }) => writing && target?.files.includes(path));
    return isNamed || isMarked || holds === true;
  }
  /** Below one that is planned or in a group or session it leads, also by way of another user's (sudo). */
  function isExplained(pid: number, passed = new Set<number>()): boolean {
    const fact = facts.get(pid);
    if (!fact || passed.has(pid)) return false;
    const isOfRun = target?.claim?.from === 'supervisor' && fact.sessionId === target.claim.pid;
    if (isFound(pid) || isOfRun || [fact.ppid, fact.pgid, fact.sessionId].some((led) => planned.has(led))) return true;
    return others.includes(fact.ppid) && isExplained(fact.ppid, passed.add(pid));
  }
  for (const { pid, why } of plan.processes) {
    expect(isExplained(pid), `process ${pid}: ${why}`).toBe(true);
    const fact = facts.get(pid);
    const hosts = HOSTS.includes(fact?.name ?? '') && fact?.sessionId === pid;
    if (hosts) expect(target?.claim, 'whoever hosts sessions is only what a supervisor started').toMatchObject({ pid });
  }
}
