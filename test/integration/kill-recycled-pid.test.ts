import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { RecycledPids } from '../fixtures/programs/recycles-pid';

const ROUNDS = 10;
const program = join(import.meta.dirname, '../fixtures/programs/recycles-pid.ts');

/** A pid namespace of its own, where `ns_last_pid` says which pid comes next, needs root. */
const isPossible = process.platform === 'linux' && process.getuid?.() === 0;

it.runIf(isPossible)('a pid that was given to another process is never signalled', { timeout: 120_000 }, async () => {
  const node = [process.execPath, '--import', 'tsx', program, String(ROUNDS)];
  const { stdout } = await promisify(execFile)('unshare', ['-pf', '--kill-child', '--mount-proc', ...node]);
  const told: RecycledPids = JSON.parse(stdout);
  process.stdout.write(
    `recycled pids: ${told.recycled} of ${2 * ROUNDS}, ${told.wrongSignals} wrong signals, ${told.wrongKills} wrong kills\n`,
  );
  expect(told).toMatchObject({ rounds: ROUNDS, recycled: 2 * ROUNDS, wrongSignals: 0, wrongKills: 0 });
  expect(new Set(told.refusals)).toEqual(
    new Set([
      'The process of w is another one now (pid 5000 was given anew). Nothing was signalled. Look at a new plan.',
    ]),
  );
  for (const note of told.notes) expect(note).toMatch(/^ended on SIGTERM after/);
});
