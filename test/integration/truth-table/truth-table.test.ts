import { expect, test } from 'vitest';
import { SCENARIOS } from '../../fixtures/scenarios';
import { createMatrix } from './matrix';
import { playOut } from './play';

/**
 * Every scenario is played out second by second, and what idlewatch says is held against what a person would say. The
 * matrix goes to the README.
 */
const matrix = createMatrix();

test.each(SCENARIOS.map((scenario) => [`${scenario.kind}: ${scenario.name}`, scenario] as const))(
  '%s',
  async (_name, scenario) => {
    const phases = await playOut(scenario);
    for (const phase of phases) matrix.add(phase);
    expect(phases.flatMap(({ falseAlarms }) => falseAlarms)).toEqual([]);
    expect(phases.filter(({ lateAt }) => lateAt !== null)).toEqual([]);
    expect(phases.map(({ truth, verdict }) => ({ truth, verdict }))).toEqual(
      phases.map(({ truth }) => ({ truth, verdict: truth })),
    );
  },
);

test('at least forty scenarios, of every kind; no healthy worker is called stalled, and no stalled one is missed', () => {
  process.stdout.write(`\n${matrix.text()}\n`);
  expect(SCENARIOS.length).toBeGreaterThanOrEqual(40);
  expect(matrix.falseAlarms).toBe(0);
  expect(matrix.missed).toBe(0);
});
