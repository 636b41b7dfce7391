import { command, EXIT_WELL } from '../command';
import { jsonText, SCHEMA } from '../json';
import { logText } from '../log-text';
import { openMachine } from '../machine';
import { readCount } from '../options';

const LAST_SHOWN = 50;

export const log = command({
  name: 'log',
  summary: 'what was ended, removed and decided, and at whose word',
  about:
    'The audit log: what was meant to be done before it was, what came of it, and what the policy decided. Newest last.',
  options: {
    last: { value: 'N', help: `So many entries; ${LAST_SHOWN} without it.` },
    json: { help: 'One JSON object with the entries whole.' },
  },
  settings: [],
  examples: {
    'idlewatch log --last 10': 'the last ten entries',
    "idlewatch log --json | jq '.unfinishedKills'": 'what was begun and never came to its end',
  },
  exit: '0 well · 1 an error',
  async run(given, context) {
    const last = given.text('last');
    const limit = last === null ? LAST_SHOWN : readCount(last, 'last');
    const machine = openMachine(context);
    try {
      const entries = machine.audit.entries(limit);
      const unfinishedKills = machine.audit.unfinishedKills();
      const isJson = given.has('json');
      context.out(isJson ? jsonText({ schema: SCHEMA, entries, unfinishedKills }) : logText(entries, unfinishedKills));
      return EXIT_WELL;
    } finally {
      machine.close();
    }
  },
});
