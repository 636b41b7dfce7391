import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../scripts/setup/paths.mjs';
import { playwrightCounts, runnerCounts, sum, summaryLine, vitestCounts } from '../../../scripts/testing/results.mjs';

const PATH = join(ROOT, 'test', 'unit', 'a.test.ts');
const file = (tests: object[], more: object = { status: 'passed' }) => ({
  name: PATH,
  assertionResults: tests,
  ...more,
});
const failedTest = {
  status: 'failed',
  fullName: 'a number is odd',
  failureMessages: ['\u001b[31mexpected 2\u001b[39m to be odd'],
};

const vitestReport = (overrides: object) =>
  JSON.stringify({
    numPassedTests: 5,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [file([{ status: 'passed' }])],
    ...overrides,
  });

const playwrightReport = (stats: object, overrides: object = {}) =>
  JSON.stringify({ stats: { expected: 3, unexpected: 0, flaky: 0, skipped: 0, ...stats }, errors: [], ...overrides });

describe('the counts of a Vitest run', () => {
  it('takes passed, failed, skipped and todo tests', () => {
    const json = vitestReport({ numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 });
    expect(runnerCounts('vitest', json, 1, vitestCounts)).toMatchObject({ passed: 5, failed: 2, skipped: 2 });
  });

  it('counts a file that could not be loaded as a failure, and one with failed tests not twice', () => {
    const testResults = [
      file([], { status: 'failed', message: 'cannot find ./b' }),
      file([{ status: 'passed' }, failedTest], { status: 'failed' }),
    ];
    const counts = runnerCounts('vitest', vitestReport({ numFailedTests: 1, testResults }), 1, vitestCounts);
    expect(counts.failed).toBe(2);
    expect(counts.failures).toEqual([
      `${join('test', 'unit', 'a.test.ts')}\n    cannot find ./b`,
      `${join('test', 'unit', 'a.test.ts')} › a number is odd\n    expected 2 to be odd`,
    ]);
  });

  it('counts an error outside of any test, which only the exit code tells, as a failure', () => {
    const failures = ['vitest ended with exit code 1, though no test failed'];
    expect(runnerCounts('vitest', vitestReport({}), 1, vitestCounts)).toEqual({
      passed: 5,
      failed: 1,
      skipped: 0,
      failures,
    });
  });
});

describe('the counts of a Playwright run', () => {
  it('takes passed, failed and skipped tests, and one that passed on a second try as passed', () => {
    const json = playwrightReport({ unexpected: 1, flaky: 1, skipped: 4 });
    expect(runnerCounts('playwright', json, 1, playwrightCounts)).toMatchObject({ passed: 4, failed: 1, skipped: 4 });
  });

  it('counts errors outside of any test', () => {
    const json = playwrightReport({}, { errors: [{ message: 'no setup' }, {}] });
    const counts = runnerCounts('playwright', json, 1, playwrightCounts);
    expect(counts.failed).toBe(2);
    expect(counts.failures).toEqual(['outside of any test\n    no setup', 'outside of any test\n    ']);
  });

  it('tells what failed, however deep its group, and nothing of what passed', () => {
    const spec = (title: string, ok: boolean, message: string) => ({
      title,
      file: 'kill.spec.ts',
      ok,
      tests: [{ results: [{ errors: [{ message }] }] }],
    });
    const inner = { title: 'inner', specs: [spec('ends it', false, 'still there')] };
    const suites = [{ title: 'kill.spec.ts', specs: [spec('shows it', true, '')], suites: [inner] }];
    const counts = runnerCounts('playwright', playwrightReport({ unexpected: 1 }, { suites }), 1, playwrightCounts);
    expect(counts.failures).toEqual(['kill.spec.ts › ends it\n    still there']);
  });
});

describe('a runner that could not report', () => {
  it.each([
    ['no report', undefined, 0, 'left no report'],
    ['a cut report', '{"stats": {', 1, 'left a report that cannot be read'],
    ['a report without the figures', '{}', 0, 'left a report that cannot be read'],
  ])('counts as one failure: %s', (_, json, exitCode, why) => {
    const failures = [`playwright ${why}`];
    expect(runnerCounts('playwright', json, exitCode, playwrightCounts)).toEqual({
      passed: 0,
      failed: 1,
      skipped: 0,
      failures,
    });
  });
});

describe('the last line', () => {
  it('sums over all runners', () => {
    const total = sum([
      { passed: 1, failed: 0, skipped: 0, failures: [] },
      { passed: 20, failed: 2, skipped: 0, failures: ['a', 'b'] },
    ]);
    expect(summaryLine(total)).toBe('21 passed, 2 failed');
    expect(total.failures).toEqual(['a', 'b']);
  });

  it('names skipped tests only where there are some', () => {
    expect(summaryLine({ passed: 3, failed: 0, skipped: 2, failures: [] })).toBe('3 passed, 0 failed, 2 skipped');
  });
});
