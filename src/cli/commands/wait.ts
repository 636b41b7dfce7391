import { harmless } from '../../shared/format';
import type { Snapshot, WorkerId, WorkerRow } from '../../shared/model';
import { type Context, command, EXIT_NEEDS_PERSON, EXIT_WELL, type Given, UsageError } from '../command';
import { DIRECTORY_OPTIONS } from '../directories';
import { findWorker } from '../find-worker';
import { lookingOf } from '../looking';
import { createMissed } from '../missed';
import { readSeconds } from '../options';
import { type Looking, pictures } from '../pictures';
import { standing, UNTIL, type Until } from '../wait-until';

/** As timeout(1) has it. */
const EXIT_TIMED_OUT = 124;

/** Whoever goes on in place of an engine that ended finds its workers within this time, or does not look for them. */
const MISSED_MS = 10_000;

const OPTIONS = {
  until: {
    value: 'WHAT',
    values: UNTIL,
    help: `idle: nothing works and there was no traffic for a while, as the tray says it. all-done: nothing works. Without it
idle, or all-done where workers are named.`,
  },
  timeout: { value: 'S', help: 'Give up after so many seconds, and exit 124.' },
  worker: {
    value: 'ID',
    completed: 'worker',
    repeatable: true,
    help: 'Wait for this worker alone, by its id or name; where it goes, it is done. With all-done.',
  },
  ...DIRECTORY_OPTIONS,
} as const;
type WaitGiven = Given<keyof typeof OPTIONS>;

export const wait = command({
  name: 'wait',
  summary: 'wait until all is idle, or workers are done; the exit status says which',
  about: `Waits until nothing works any more. Where nothing does, and a worker is stalled, dead or (for all-done) waits for an
answer, only a person can go on: exit 2, with the worker's name. Workers that are snoozed do not count.`,
  options: OPTIONS,
  settings: [],
  examples: {
    'idlewatch wait --until idle && systemctl suspend': 'suspend once all is done',
    'idlewatch wait --worker coder-3 --timeout 3600 || notify-send "coder-3: $?"': 'one worker, for an hour at most',
  },
  exit: `0 it is so · 2 nothing works, and a worker needs a person · 124 not so within --timeout ·
  1 an error, told on standard error · 130 Ctrl-C`,
  run(given, context) {
    const names = given.all('worker');
    const until = (given.text('until') ?? (names.length ? 'all-done' : 'idle')) as Until;
    if (names.length && until === 'idle')
      throw new UsageError('--worker belongs to --until all-done: idle is of the whole');
    const timeoutMs = timeoutIn(given);
    const looking = lookingOf(given, context);
    return context.untilEnded((ended) => waitFor({ looking, until, names, timeoutMs, context, ended }));
  },
});

function timeoutIn(given: WaitGiven): number | null {
  const timeout = given.text('timeout');
  return timeout === null ? null : readSeconds(timeout, 'timeout');
}

interface Waiting {
  looking: Looking;
  until: Until;
  names: string[];
  timeoutMs: number | null;
  context: Context;
  ended: AbortSignal;
}

async function waitFor({ looking, until, names, timeoutMs, context, ended }: Waiting): Promise<number> {
  const giveUp = new AbortController();
  const timer = timeoutMs === null ? undefined : setTimeout(() => giveUp.abort(), timeoutMs);
  const missedIn = createMissed();
  const lost = new AbortController();
  let missing: NodeJS.Timeout | undefined;
  let missed: WorkerRow[] = [];
  let ids: WorkerId[] | null = null;
  let why = 'there was no reading yet';
  try {
    for await (const picture of pictures(looking, AbortSignal.any([ended, giveUp.signal, lost.signal]))) {
      const { snapshot } = picture;
      ids ??= idsOf(names, snapshot);
      missed = missedIn(picture).filter(({ id }) => !names.length || ids?.includes(id));
      if (missed.length) {
        missing ??= setTimeout(() => lost.abort(), MISSED_MS);
        continue;
      }
      clearTimeout(missing);
      missing = undefined;
      const now = standing(snapshot, until, names.length ? ids : null);
      why = now.why;
      if (now.is === 'not_yet') continue;
      if (now.is === 'needs_person') context.warn(why);
      else context.out(`${why}\n`);
      return now.is === 'reached' ? EXIT_WELL : EXIT_NEEDS_PERSON;
    }
  } finally {
    clearTimeout(timer);
    clearTimeout(missing);
  }
  if (lost.signal.aborted) {
    const who = missed.map(({ name, state }) => `${harmless(name)} (${state} then)`).join(', ');
    throw new Error(
      `the idlewatch that watched ${who} has ended, and nobody else does: what became of it is not known`,
    );
  }
  if (giveUp.signal.aborted) context.warn(`not within ${(timeoutMs ?? 0) / 1000} s: ${why}`);
  return EXIT_TIMED_OUT;
}

function idsOf(names: string[], { workers }: Snapshot): WorkerId[] {
  return names.map((name) => findWorker(workers, name).id);
}
