// @ts-check

/** Something the person has to know or do; shown without a stack. */
export class SetupError extends Error {}

/**
 * One line of progress.
 * @param {string} text
 */
export function say(text) {
  console.log(`idlewatch: ${text}`);
}

/**
 * Runs the body of a script; a SetupError ends it with its message and exit code 1.
 * @param {() => Promise<number>} body gives the exit code
 * @returns {Promise<void>}
 */
export async function main(body) {
  try {
    process.exitCode = await body();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`idlewatch: ${error.message}`);
    process.exitCode = 1;
  }
}

/**
 * Says every ten seconds that a long step still goes on.
 * @template T
 * @param {string} step what is going on, e.g. "downloading"
 * @param {Promise<T>} work
 * @returns {Promise<T>} what `work` gives
 */
export async function withElapsed(step, work) {
  const startMs = performance.now();
  const timer = setInterval(() => {
    say(`… ${step}, ${Math.round((performance.now() - startMs) / 1000)} s`);
  }, 10_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
