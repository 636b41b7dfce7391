import type { Reading } from './source';

/**
 * What only worker directories keep, tmux tells or a supervisor does: nothing of it, for the readings of all others. A
 * source that knows one of them sets it after this.
 */
export const NOT_KEPT = {
  heartbeat: null,
  specWritten: null,
  otherLife: null,
  inboxCount: null,
  outboxCount: null,
  openTasks: 0,
  intervalMs: null,
  silentUntil: null,
  request: null,
  session: null,
  orphaned: null,
  tasks: [],
} satisfies Partial<Reading>;
