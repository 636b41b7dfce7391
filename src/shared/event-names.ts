import { eventName, type MonitorEvent } from './model';

export const EVENT_KINDS = [
  ...(['found', 'left', 'started', 'busy', 'ready', 'waiting', 'stalled', 'dead', 'recovered', 'stopped'] as const),
  ...(['idle', 'running', 'held', 'notice', 'policy', 'breaker_opened', 'breaker_closed'] as const),
  ...(['kill_intent', 'kill_ended', 'kill_failed', 'reap', 'config_changed'] as const),
  ...(['session_idle', 'task_idle', 'session_timed_out'] as const),
] satisfies MonitorEvent['kind'][];

/** What the API and the command line call events: `worker_stalled`, `kill_ended`, … */
export const EVENT_NAMES: readonly string[] = EVENT_KINDS.map((kind) => eventName({ kind }));

/** What may be asked for, in words. */
export const EVENT_NAMES_ALLOWED = `${EVENT_NAMES.join(', ')}, or a beginning of them with *, as in kill_*`;

/** The names that a list such as `worker_stalled,kill_*` asks for; `wrong`: what in it asks for none. */
export function eventNamesIn(list: string): { names: string[] } | { wrong: string } {
  const names: string[] = [];
  for (const wanted of list.split(',').map((each) => each.trim())) {
    const found = wanted.endsWith('*')
      ? EVENT_NAMES.filter((name) => name.startsWith(wanted.slice(0, -1)))
      : EVENT_NAMES.filter((name) => name === wanted);
    if (!found.length) return { wrong: wanted };
    names.push(...found);
  }
  return { names };
}
