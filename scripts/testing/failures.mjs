// @ts-check
// What failed, told once more at the end: a reader of a long log, or of its end alone, need not search for it.
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from '../setup/paths.mjs';

/**
 * @typedef {object} VitestReport the parts read of Vitest's JSON report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {VitestFile[]} testResults
 *
 * @typedef {object} VitestFile
 * @property {string} name its absolute path
 * @property {string} status
 * @property {string} [message] what kept its tests from running
 * @property {{ status: string, fullName: string, failureMessages: string[] }[]} assertionResults
 *
 * @typedef {{ message?: string }} PlaywrightError
 * @typedef {object} PlaywrightSpec
 * @property {string} title
 * @property {string} file relative to the folder of the tests
 * @property {boolean} ok
 * @property {{ results: { errors: PlaywrightError[] }[] }[]} tests
 *
 * @typedef {{ title: string, specs?: PlaywrightSpec[], suites?: PlaywrightSuite[] }} PlaywrightSuite
 *
 * @typedef {object} PlaywrightReport the parts read of Playwright's JSON report
 * @property {{ expected: number, unexpected: number, flaky: number, skipped: number }} stats
 * @property {PlaywrightError[]} errors those outside of any test
 * @property {PlaywrightSuite[]} [suites]
 */

/** Lines of a failure's message that are worth repeating: what was expected and what was there. */
const MESSAGE_LINES = 12;

/**
 * @param {VitestReport} report
 * @returns {string[]} a text for every failed test, and for every file whose tests could not run
 */
export function vitestFailures(report) {
  return report.testResults.flatMap((file) => {
    const name = relative(ROOT, file.name);
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return file.status === 'failed' ? [told(name, [file.message])] : [];
    return failed.map((test) => told(`${name} › ${test.fullName}`, test.failureMessages));
  });
}

/**
 * @param {PlaywrightReport} report
 * @returns {string[]} a text for every failed test, and for every error outside of them
 */
export function playwrightFailures(report) {
  const failed = (report.suites ?? []).flatMap(specsOf).filter((spec) => !spec.ok);
  return [
    ...failed.map((spec) => told(`${spec.file} › ${spec.title}`, messagesOf(spec))),
    ...report.errors.map((error) => told('outside of any test', [error.message])),
  ];
}

/**
 * @param {PlaywrightSuite} suite
 * @returns {PlaywrightSpec[]} its own and those of the suites within
 */
function specsOf(suite) {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)];
}

/** @param {PlaywrightSpec} spec */
function messagesOf(spec) {
  return spec.tests.flatMap(({ results }) => results.flatMap(({ errors }) => errors.map(({ message }) => message)));
}

/**
 * @param {string} name
 * @param {(string | undefined)[]} messages
 */
function told(name, messages) {
  const lines = stripVTControlCharacters(messages.join('\n')).split('\n').slice(0, MESSAGE_LINES);
  return [name, ...lines.map((line) => `    ${line}`)].join('\n');
}
