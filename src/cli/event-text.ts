import { EVENT_NAMES } from '../server/api/schemas/snapshot';
import { harmless } from '../shared/format';
import { eventName, type LoggedEvent } from '../shared/model';
import { UsageError } from './command';
import { localTime } from './log-text';

/** One line for a person, with its line break. */
export function eventLine(event: LoggedEvent): string {
  const who = event.workerName === null ? '' : `${harmless(event.workerName)}: `;
  return `${localTime(event.at)}  ${eventName(event)}  ${who}${harmless(event.text, 1_000)}\n`;
}

/** The names of events that `--kinds` asks for: names, or their beginnings with a `*`. Throws a UsageError. */
export function readKinds(text: string): string[] {
  return text.split(',').flatMap((each) => {
    const wanted = each.trim();
    const names = wanted.endsWith('*')
      ? EVENT_NAMES.filter((name) => name.startsWith(wanted.slice(0, -1)))
      : EVENT_NAMES.filter((name) => name === wanted);
    if (names.length) return names;
    const allowed = `${EVENT_NAMES.join(', ')}, or a beginning of them with *, as in kill_*`;
    throw new UsageError(`--kinds names ${JSON.stringify(wanted)}; allowed are ${allowed}`);
  });
}
