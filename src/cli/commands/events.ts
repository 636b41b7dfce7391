import type { LoggedEvent } from '../../shared/model';
import { clientOfAnyEngine } from '../attached';
import { type Context, command, EXIT_WELL, type Given, UsageError } from '../command';
import { eventLine, readKinds } from '../event-text';
import { eventJson, jsonLine } from '../json';
import { readKept, type Wanted } from '../kept-events';
import { readCount } from '../options';

const SHOWN = 50;
const SHOWN_BEFORE_FOLLOWING = 10;

const OPTIONS = {
  follow: { help: 'Go on with what happens; also over restarts of the engine.' },
  after: { value: 'ID', help: 'Begin behind this event; 0 begins with the oldest that is kept.' },
  kinds: { value: 'NAMES', help: 'Only these, separated by commas: worker_stalled,kill_*.' },
  limit: {
    value: 'N',
    help: `At most so many of those that are kept; without it ${SHOWN}, with --follow ${SHOWN_BEFORE_FOLLOWING}, with --after all.`,
  },
  json: { help: 'One line of JSON for each.' },
};

export const events = command({
  name: 'events',
  summary: 'what happened to the workers, and what happens',
  about: `The event log, oldest first: what the workers did, what was ended and decided, which settings changed. It is
read from the state folder, whether or not idlewatch runs; to go on with --follow the app or idlewatch serve must run, and
is waited for.`,
  options: OPTIONS,
  settings: [],
  examples: {
    'idlewatch events --limit 20': 'the newest twenty',
    'idlewatch events --follow --kinds worker_stalled,worker_dead': 'who begins to need somebody, as it happens',
    'idlewatch events --after 0 --json > events.jsonl': 'all that is kept, for a program',
  },
  exit: '0 well · 1 an error, told on standard error · 130 Ctrl-C',
  async run(given, context) {
    const wanted = wantedIn(given);
    const line = given.has('json') ? (event: LoggedEvent) => jsonLine(eventJson(event)) : eventLine;
    const { kept, newest } = readKept(wanted, context);
    for (const event of kept) context.out(line(event));
    if (!given.has('follow')) return EXIT_WELL;
    return context.untilEnded((signal) => follow({ wanted, after: newest, line, context, signal }));
  },
});

function wantedIn(given: Given<keyof typeof OPTIONS>): Wanted {
  const after = given.text('after');
  const limit = given.text('limit');
  const kinds = given.text('kinds');
  if (after !== null && !/^\d{1,15}$/.test(after)) {
    throw new UsageError(`--after is ${JSON.stringify(after)}; allowed is the id of an event, a whole number from 0`);
  }
  const shown = given.has('follow') ? SHOWN_BEFORE_FOLLOWING : SHOWN;
  return {
    after: after === null ? null : Number(after),
    limit: limit === null ? (after === null ? shown : null) : readCount(limit, 'limit'),
    names: kinds === null ? null : readKinds(kinds),
  };
}

interface Following {
  wanted: Wanted;
  after: number;
  line(event: LoggedEvent): string;
  context: Context;
  signal: AbortSignal;
}

async function follow({ wanted, after, line, context, signal }: Following): Promise<number> {
  let isLost = false;
  const happening = clientOfAnyEngine(context).events({
    ...{ after, signal },
    ...(wanted.names ? { kinds: wanted.names } : {}),
    onLost({ message }) {
      if (!isLost) context.warn(`${message}; waiting for it`);
      isLost = true;
    },
  });
  for await (const event of happening) {
    isLost = false;
    context.out(line(event));
    await context.taken(signal);
  }
  return EXIT_WELL;
}
