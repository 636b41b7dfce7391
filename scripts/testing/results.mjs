// @ts-check

import { playwrightFailures, vitestFailures } from './failures.mjs';

/** @typedef {import('./failures.mjs').VitestReport} VitestReport */
/** @typedef {import('./failures.mjs').PlaywrightReport} PlaywrightReport */

/**
 * How many tests passed, failed and were skipped, and what is known of those that failed: name and message.
 * @typedef {{ passed: number, failed: number, skipped: number, failures: string[] }} Counts
 */

/** @type {Counts} */
export const NONE = { passed: 0, failed: 0, skipped: 0, failures: [] };
/** @type {Counts} */
export const ONE_PASSED = { ...NONE, passed: 1 };

/**
 * @param {string} what failed, e.g. "lint"
 * @returns {Counts}
 */
export function oneFailed(what) {
  return { ...NONE, failed: 1, failures: [what] };
}

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
    failures: vitestFailures(report),
  };
}

/**
 * @param {PlaywrightReport} report
 * @returns {Counts} a test that passed on a second try has passed
 */
export function playwrightCounts(report) {
  const { expected, unexpected, flaky, skipped } = report.stats;
  const failed = unexpected + report.errors.length;
  return { passed: expected + flaky, failed, skipped, failures: playwrightFailures(report) };
}

/**
 * @template Report
 * @param {string} name the runner's
 * @param {string | undefined} json the runner's report; undefined when it left none
 * @param {number} exitCode the runner's
 * @param {(report: Report) => Counts} count
 * @returns {Counts} at least one failure where the runner left no report or ended with an error
 */
export function runnerCounts(name, json, exitCode, count) {
  const counts = parsedCounts(name, json, count);
  if (exitCode === 0 || counts.failed > 0) return counts;
  return { ...counts, failed: 1, failures: [`${name} ended with exit code ${exitCode}, though no test failed`] };
}

/**
 * @param {Counts[]} all
 * @returns {Counts}
 */
export function sum(all) {
  return all.reduce(
    (total, { passed, failed, skipped, failures }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
      failures: [...total.failures, ...failures],
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
 * @param {string} name
 * @param {string | undefined} json
 * @param {(report: Report) => Counts} count
 * @returns {Counts}
 */
function parsedCounts(name, json, count) {
  if (json === undefined) return oneFailed(`${name} left no report`);
  try {
    return count(JSON.parse(json));
  } catch {
    return oneFailed(`${name} left a report that cannot be read`);
  }
}
