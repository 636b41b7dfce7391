import { EVENT_NAMES_ALLOWED, eventNamesIn } from '../shared/event-names';
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
  const chosen = eventNamesIn(text);
  if ('names' in chosen) return chosen.names;
  throw new UsageError(`--kinds names ${JSON.stringify(chosen.wrong)}; allowed are ${EVENT_NAMES_ALLOWED}`);
}
