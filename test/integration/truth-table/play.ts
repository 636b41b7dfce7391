import type { Settings } from '../../../src/shared/settings';
import type { Said, Scenario } from './scenario';
import { type Truth, type Verdict, verdictOf, World } from './world';

const WITHIN_S = 5;

/** What came of one stretch of a scenario in which the truth was one. */
export interface Phase {
  scenario: string;
  truth: Truth;
  /** What idlewatch said at its end. */
  verdict: Verdict;
  /** It was told later than it may be; the second at which it was, or null where it was in time. */
  lateAt: number | null;
  /** Seconds at which it called stuck or dead what was neither, with its words. */
  falseAlarms: string[];
}

const ALARMS = new Set<Verdict>(['stuck', 'dead']);

/** Play a scenario out, one second after the other. */
export async function playOut(scenario: Scenario): Promise<Phase[]> {
  const world = new World();
  scenario.before?.(world);
  const monitor = world.watch(scenario.roots(world), settingsOf(scenario, world));
  const row = () => monitor.snapshot().workers.find(({ id, path }) => `${id} ${path}`.includes(scenario.worker));
  const phases = scenario.truth.map(
    ({ is }): Phase => ({ scenario: scenario.name, truth: is, verdict: 'not shown', lateAt: null, falseAlarms: [] }),
  );
  for (let second = 0; second < scenario.until; second += 1) {
    scenario.at?.[second]?.(world);
    scenario.each?.(world, second);
    await world.second();
    const index = phaseAt(scenario.truth, second);
    const [said, phase] = [scenario.truth[index], phases[index]];
    if (!said || !phase) continue;
    const seen = row();
    const verdict = verdictOf(seen);
    // What was true a moment ago may still be said for as long as idlewatch may take to see otherwise.
    const isSettled = second >= said.from + (said.within ?? WITHIN_S);
    const before = index > 0 ? scenario.truth[index - 1]?.is : undefined;
    if (verdict !== 'not shown' || isSettled) phase.verdict = verdict;
    if (isSettled && verdict !== said.is) phase.lateAt = second;
    const isFalse = ALARMS.has(verdict) && !ALARMS.has(said.is) && (isSettled || verdict !== before);
    if (isFalse) phase.falseAlarms.push(`${second} s: ${verdict} (${seen?.reason})`);
  }
  return phases;
}

function settingsOf({ settings = {} }: Scenario, world: World): Partial<Settings> {
  return typeof settings === 'function' ? settings(world) : settings;
}

function phaseAt(truth: Said[], second: number): number {
  return truth.findLastIndex(({ from }) => second >= from);
}
