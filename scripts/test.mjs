// @ts-check
// `npm test [-- --only STEP]`: sets up, checks and tests everything, or one step of it. It ends with what failed, if
// anything did, and the sum over all runners, "N passed, N failed".
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIfNeeded } from './setup/build.mjs';
import { setup } from './setup/index.mjs';
import { ROOT } from './setup/paths.mjs';
import { main, SetupError } from './setup/say.mjs';
import { NONE, oneFailed, sum, summaryLine } from './testing/results.mjs';
import { lint, playwright, typecheck, vitest } from './testing/runners.mjs';

/** @typedef {import('./testing/results.mjs').Counts} Counts */

const STEPS = ['lint', 'typecheck', 'unit', 'integration', 'e2e'];

await main(async () => {
  const steps = chosenSteps(process.argv.slice(2));
  const reports = await mkdtemp(join(tmpdir(), 'idlewatch-test-'));
  try {
    const counts = sum(await runSteps(steps, reports));
    for (const failure of counts.failures) console.log(`FAILED ${failure}`);
    console.log(summaryLine(counts));
    return counts.failed === 0 ? 0 : 1;
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
});

/**
 * @param {string[]} steps
 * @param {string} reports folder for the runners' reports
 * @returns {Promise<Counts[]>}
 */
async function runSteps(steps, reports) {
  const folders = ['unit', 'integration'].filter((step) => steps.includes(step)).map((step) => `test/${step}`);
  const counts = [await guarded(() => setup({ forTests: true }).then(() => NONE))];
  if (steps.includes('lint')) counts.push(await guarded(lint));
  if (steps.includes('typecheck')) counts.push(await guarded(typecheck));
  counts.push(await guarded(() => buildIfNeeded(ROOT).then(() => NONE)));
  if (folders.length > 0) counts.push(await guarded(() => vitest(folders, reports)));
  if (steps.includes('e2e')) counts.push(await guarded(() => playwright(reports)));
  return counts;
}

/**
 * Runs a step whose failing must not keep the others from running.
 * @param {() => Promise<Counts>} step
 * @returns {Promise<Counts>}
 */
async function guarded(step) {
  try {
    return await step();
  } catch (error) {
    console.error(error instanceof SetupError ? `idlewatch: ${error.message}` : error);
    return oneFailed(error instanceof Error ? error.message : String(error));
  }
}

/**
 * @param {string[]} args
 * @returns {string[]}
 */
function chosenSteps(args) {
  if (args.length === 0) return STEPS;
  const [option, step = ''] = args;
  if (option === '--only' && STEPS.includes(step) && args.length === 2) return [step];
  throw new SetupError(`npm test does not know "${args.join(' ')}"; allowed is --only with one of ${STEPS.join(', ')}`);
}
