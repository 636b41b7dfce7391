// @ts-check

/**
 * How many tests passed, failed and were skipped.
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 *
 * @typedef {object} VitestReport the parts read of Vitest's JSON report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults one a file
 *
 * @typedef {object} PlaywrightReport the parts read of Playwright's JSON report
 * @property {{ expected: number, unexpected: number, flaky: number, skipped: number }} stats
 * @property {unknown[]} errors those outside of any test
 */

/** @type {Counts} */
export const NONE = { passed: 0, failed: 0, skipped: 0 };
/** @type {Counts} */
export const ONE_PASSED = { ...NONE, passed: 1 };
/** @type {Counts} */
export const ONE_FAILED = { ...NONE, failed: 1 };

/**
 * @param {VitestReport} report
 * @returns {Counts} a file that failed outside of its tests counts as one failure
 */
export function vitestCounts(report) {
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * @param {PlaywrightReport} report
 * @returns {Counts} a test that passed on a second try has passed
 */
export function playwrightCounts(report) {
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected + flaky, failed: unexpected + report.errors.length, skipped };
}

/**
 * @template Report
 * @param {string | undefined} json the runner's report; undefined when it left none
 * @param {number} exitCode the runner's
 * @param {(report: Report) => Counts} count
 * @returns {Counts} at least one failure where the runner left no report or ended with an error
 */
export function runnerCounts(json, exitCode, count) {
  const counts = parsedCounts(json, count);
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * @param {Counts[]} all
 * @returns {Counts}
 */
export function sum(all) {
  return all.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    NONE,
  );
}

/**
 * @param {Counts} counts
 * @returns {string} e.g. "12 passed, 0 failed"
 */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * @template Report
 * @param {string | undefined} json
 * @param {(report: Report) => Counts} count
 * @returns {Counts}
 */
function parsedCounts(json, count) {
  if (json === undefined) return ONE_FAILED;
  try {
    return count(JSON.parse(json));
  } catch {
    return ONE_FAILED;
  }
}
