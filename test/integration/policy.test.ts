import { afterEach, describe, expect, it } from 'vitest';
import { CHECK_MS, type PolicedRun, policedRun } from './support/policed-run';
import { realProcesses } from './support/real-processes';
import { waitFor } from './support/wait-for';

const processes = realProcesses();
afterEach(() => processes.endAll());

/** Write heartbeats of these until the test lets them fall silent. */
function keepBeating(run: PolicedRun, names: string[]): () => void {
  const timer = setInterval(() => names.forEach(run.beat), 200);
  return () => clearInterval(timer);
}

const endedNames = (run: PolicedRun) => run.receipts.map(({ workerName }) => workerName);

/** Two readings at least a check apart, both stalled, with none between that was not. */
function wasReadTwice({ readings }: PolicedRun, name: string): boolean {
  const all = readings.filter((reading) => reading.name === name);
  const lastWell = all.findLastIndex(({ stalled }) => !stalled);
  const [first, ...others] = all.slice(lastWell + 1);
  return first !== undefined && others.some(({ atMs }) => atMs - first.atMs >= CHECK_MS);
}

describe.runIf(process.platform === 'linux')('the policy, with real processes', () => {
  it('ends a worker that stays stalled, after two readings, and not its neighbour', async () => {
    const run = await policedRun(processes, ['stuck', 'well']);
    const stop = keepBeating(run, ['well']);
    await waitFor('the stuck worker is ended', () => run.receipts.length > 0, 30_000);
    expect(run.receipts).toMatchObject([{ workerName: 'stuck', askedBy: 'policy', ended: true }]);
    expect(run.receipts[0]?.why).toMatch(/^stalled for \d+ s\. No sign of life/);
    expect(wasReadTwice(run, 'stuck')).toBe(true);
    expect(run.isAlive('stuck')).toBe(false);
    await run.checks(3);
    stop();
    expect(run.isAlive('well')).toBe(true);
    expect(run.row('well').health).toBe('healthy');
    const kinds = run.audit().map(({ kind }) => kind);
    expect(kinds).toEqual(['policy_decision', 'kill_intent', 'kill_outcome']);
    expect(run.messages).toMatchObject([{ title: 'stuck was ended automatically' }]);
  });

  it('leaves alone whom a person has snoozed or marked to be kept alive', async () => {
    const run = await policedRun(processes, ['snoozed', 'kept', 'stuck'], { rule: { afterSecs: 3 } });
    run.settings.keepAlive = [run.row('kept').id];
    const snoozed = await waitFor('it is stalled', () => run.row('snoozed').health === 'stalled' && run.row('snoozed'));
    run.monitor.snooze(snoozed.id, 'until_change');
    await waitFor('the stuck worker is ended', () => run.receipts.length > 0, 30_000);
    await run.checks(4);
    expect(endedNames(run)).toEqual(['stuck']);
    expect(['snoozed', 'kept'].map(run.isAlive)).toEqual([true, true]);
  });

  it('does not touch a worker that recovers between the two readings', async () => {
    const run = await policedRun(processes, ['back', 'stuck'], { rule: { afterSecs: 3 } });
    let stop = () => {};
    run.onReading = ({ name }) => {
      if (name !== 'back') return;
      run.onReading = () => undefined;
      run.beat('back');
      stop = keepBeating(run, ['back']);
    };
    await waitFor('the other one is ended', () => run.receipts.length > 0, 30_000);
    await run.checks(3);
    stop();
    expect(run.readings.filter(({ name, stalled }) => name === 'back' && stalled)).toHaveLength(1);
    expect(endedNames(run)).toEqual(['stuck']);
    expect(run.isAlive('back')).toBe(true);
  });

  it('does not end what somebody has stopped, but offers it', async () => {
    const run = await policedRun(processes, ['stuck', 'held']);
    process.kill(run.row('held').pid ?? 0, 'SIGSTOP');
    await waitFor(
      'the one is ended, the other offered',
      () => run.receipts.length > 0 && run.row('held').suggestion,
      30_000,
    );
    await run.checks(2);
    expect(endedNames(run)).toEqual(['stuck']);
    expect(run.isAlive('held')).toBe(true);
    expect(run.row('held').suggestion).toMatch(/not ended automatically: Process \d+ is stopped/);
  });

  it('waits while the machine is overloaded', async () => {
    const run = await policedRun(processes, ['stuck'], { settings: { overloadLoadPerCore: 4 } });
    run.load.perCore = () => 4.5;
    await waitFor('it is told', () => run.events.some(({ kind }) => kind === 'policy'), 30_000);
    await run.checks(3);
    expect(run.isAlive('stuck')).toBe(true);
    expect(run.monitor.snapshot().policy.heldBack).toMatch(/^the machine is overloaded: 4.5/);
    run.load.perCore = () => 0.5;
    await waitFor('it is ended', () => run.receipts.length > 0, 30_000);
    expect(endedNames(run)).toEqual(['stuck']);
  });

  it('waits in the grace after a wake-up, and reads twice after it', async () => {
    const run = await policedRun(processes, ['stuck'], { rule: { afterSecs: 2 } });
    await waitFor('it is stalled', () => run.row('stuck').health === 'stalled');
    run.monitor.suspend();
    run.monitor.resume();
    const untilAt = run.monitor.snapshot().hold?.untilAt ?? 0;
    expect(untilAt).toBeGreaterThan(Date.now());
    await waitFor('it is ended', () => run.receipts.length > 0, 30_000);
    expect(run.receipts[0]?.startedAt).toBeGreaterThan(untilAt + CHECK_MS);
  });

  it.each([
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ])('takes no reading from before the clock was set %s', async (_, jumpMs) => {
    const run = await policedRun(processes, ['stuck', 'well']);
    const stop = keepBeating(run, ['well']);
    let jumpedMs = 0;
    run.onReading = ({ atMs }) => {
      if (jumpedMs) return;
      jumpedMs = atMs;
      run.wall.aheadMs = jumpMs;
    };
    await waitFor('a reading, and the clock set', () => jumpedMs > 0, 30_000);
    await waitFor(
      'the hold is over',
      () => run.events.some(({ kind }) => kind === 'held') && !run.monitor.snapshot().hold,
    );
    expect(run.receipts).toEqual([]);
    if (jumpMs > 0) {
      await waitFor('it is ended all the same', () => run.receipts.length > 0, 30_000);
      run.readings = run.readings.filter(({ atMs }) => atMs > jumpedMs);
      expect(wasReadTwice(run, 'stuck')).toBe(true);
    } else {
      await run.checks(4);
    }
    stop();
    expect(run.isAlive('well')).toBe(true);
  });
});

describe.runIf(process.platform === 'linux')('the circuit breaker, with 50 real workers that stall at once', () => {
  const crowd = Array.from({ length: 50 }, (_, i) => `w${i}`);
  const stuck = crowd.slice(0, 30);
  const well = crowd.slice(30);

  async function storm(breakerQuietMs: number) {
    const run = await policedRun(processes, crowd, { settings: { breakerPercent: 30, breakerQuietMs } });
    const stop = keepBeating(run, well);
    await waitFor('the breaker opens', () => run.monitor.snapshot().policy.breaker, 30_000);
    return { run, stop };
  }

  it('opens, tells, and none of them is ended; closed by hand, it lets the policy go on, a few at a time', async () => {
    const { run, stop } = await storm(600_000);
    await waitFor('all are stalled', () => stuck.every((name) => run.row(name).health === 'stalled'));
    await run.checks(5);
    expect(crowd.filter(run.isAlive)).toHaveLength(50);
    expect(run.receipts).toEqual([]);
    expect(run.monitor.snapshot().policy).toMatchObject({
      armed: true,
      breaker: { reason: '30 of 50 running workers turned stalled within a minute' },
    });
    expect(run.events.filter(({ kind }) => kind === 'breaker_opened')).toHaveLength(1);
    expect(run.messages).toMatchObject([{ title: 'Automatic ending has stopped' }]);
    expect(run.audit()).toMatchObject([{ kind: 'breaker_opened' }]);

    expect(run.policy.closeBreaker('window')).toBe(true);
    await waitFor('one is ended', () => run.receipts.length > 0, 30_000);
    await run.policy.stop();
    stop();
    expect(run.receipts.length).toBeLessThanOrEqual(3);
    expect(endedNames(run).every((name) => stuck.includes(name) && wasReadTwice(run, name))).toBe(true);
    expect(well.filter(run.isAlive)).toHaveLength(20);
  });

  it('closes by quiet, and still none of those is ended: their end is suggested', async () => {
    const { run, stop } = await storm(4_000);
    await waitFor('it closes', () => run.events.some(({ kind }) => kind === 'breaker_closed'), 30_000);
    await waitFor('their end is suggested', () => stuck.every((name) => run.row(name).suggestion), 60_000);
    stop();
    expect(run.receipts).toEqual([]);
    expect(crowd.filter(run.isAlive)).toHaveLength(50);
    expect(run.row('w0').suggestion).toMatch(/^It stalled together with many others/);
  });
});
