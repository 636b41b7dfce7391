import { describe, expect, it } from 'vitest';
import { playwrightCounts, runnerCounts, sum, summaryLine, vitestCounts } from '../../../scripts/testing/results.mjs';

const vitestReport = (overrides: object) =>
  JSON.stringify({
    numPassedTests: 5,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [{ status: 'passed', assertionResults: [{ status: 'passed' }] }],
    ...overrides,
  });

const playwrightReport = (stats: object, errors: unknown[] = []) =>
  JSON.stringify({ stats: { expected: 3, unexpected: 0, flaky: 0, skipped: 0, ...stats }, errors });

describe('the counts of a Vitest run', () => {
  it('takes passed, failed, skipped and todo tests', () => {
    const json = vitestReport({ numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 });
    expect(runnerCounts(json, 1, vitestCounts)).toEqual({ passed: 5, failed: 2, skipped: 2 });
  });

  it('counts a file that could not be loaded as a failure, and one with failed tests not twice', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] },
    ];
    expect(runnerCounts(vitestReport({ numFailedTests: 1, testResults }), 1, vitestCounts).failed).toBe(2);
  });

  it('counts an error outside of any test, which only the exit code tells, as a failure', () => {
    expect(runnerCounts(vitestReport({}), 1, vitestCounts)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });
});

describe('the counts of a Playwright run', () => {
  it('takes passed, failed and skipped tests, and one that passed on a second try as passed', () => {
    const json = playwrightReport({ unexpected: 1, flaky: 1, skipped: 4 });
    expect(runnerCounts(json, 1, playwrightCounts)).toEqual({ passed: 4, failed: 1, skipped: 4 });
  });

  it('counts errors outside of any test', () => {
    expect(runnerCounts(playwrightReport({}, ['no setup', 'no teardown']), 1, playwrightCounts).failed).toBe(2);
  });
});

describe('a runner that could not report', () => {
  it.each([
    ['no report', undefined, 0],
    ['a cut report', '{"stats": {', 1],
    ['a report without the figures', '{}', 0],
  ])('counts as one failure: %s', (_, json, exitCode) => {
    expect(runnerCounts(json, exitCode, playwrightCounts)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('the last line', () => {
  it('sums over all runners', () => {
    const total = sum([
      { passed: 1, failed: 0, skipped: 0 },
      { passed: 20, failed: 2, skipped: 0 },
    ]);
    expect(summaryLine(total)).toBe('21 passed, 2 failed');
  });

  it('names skipped tests only where there are some', () => {
    expect(summaryLine({ passed: 3, failed: 0, skipped: 2 })).toBe('3 passed, 0 failed, 2 skipped');
  });
});
