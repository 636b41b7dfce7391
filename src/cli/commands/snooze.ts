import { harmless } from '../../shared/format';
import { SNOOZES, type Snooze } from '../../shared/ipc';
import { engineThatRuns, haveDone } from '../attached';
import { command, EXIT_WELL } from '../command';
import { findWorker } from '../find-worker';

/** What is typed for each, and what it means. */
const LENGTHS: Record<Snooze, { word: string; means: string }> = {
  off: { word: 'off', means: 'not snoozed' },
  '15min': { word: '15min', means: 'snoozed for 15 min, at most until it changes' },
  '1h': { word: '1h', means: 'snoozed for 1 h, at most until it changes' },
  until_change: { word: 'change', means: 'snoozed until it changes' },
};

export const snooze = command({
  name: 'snooze',
  summary: 'hear no more of a worker for a while',
  about: `You have seen it: no red icon, badge or news of it, and the policy leaves it alone, for a while and at most until it
changes. Done by the engine that runs, in the app or in idlewatch serve.`,
  operand: { name: 'ID', completed: 'worker', help: 'A worker’s id or its name, as for kill.' },
  second: {
    name: 'LENGTH',
    values: SNOOZES.map((each) => LENGTHS[each].word),
    help: 'For how long; off: no longer. Without it until it changes.',
  },
  options: {},
  settings: [],
  examples: {
    'idlewatch snooze coder-3': 'until it changes',
    'idlewatch snooze coder-3 1h': 'for an hour at most',
    'idlewatch snooze coder-3 off': 'hear of it again',
  },
  exit: '0 it is so · 1 an error, told on standard error: no engine runs, no such worker',
  async run(given, context) {
    const client = engineThatRuns(context);
    const { id, name } = findWorker((await client.snapshot()).workers, given.operand);
    const length = SNOOZES.find((each) => LENGTHS[each].word === given.second) ?? 'until_change';
    await haveDone(client, 'worker.snooze', [id, length]);
    context.out(`${harmless(name)} is ${LENGTHS[length].means}.\n`);
    return EXIT_WELL;
  },
});
