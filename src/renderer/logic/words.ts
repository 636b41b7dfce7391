import { formatDuration, plural } from '../../shared/format';
import {
  type EvidenceKind,
  isJudgedBySilence,
  type MonitorEvent,
  type Overall,
  type SourceKind,
  type WorkerRow,
  type WorkerState,
} from '../../shared/model';
import { type Shown, shownAs } from '../../shared/state-words';
import { formatTokens } from './usage';

/** A state is told by shape, word and colour at once. */
export type Shape =
  | 'square'
  | 'cross'
  | 'small-cross'
  | 'diamond'
  | 'triangle'
  | 'dot'
  | 'half'
  | 'ring'
  | 'dash'
  | 'question';
/** Red and amber are for what needs a person; `ink` is plain text. */
export type Tone = 'red' | 'amber' | 'blue' | 'green' | 'ink' | 'dim';

export interface Sign {
  shape: Shape;
  tone: Tone;
}

export const STATE_SIGNS: Record<WorkerState, Sign> = {
  stalled: { shape: 'square', tone: 'red' },
  dead: { shape: 'cross', tone: 'red' },
  waiting: { shape: 'diamond', tone: 'amber' },
  busy: { shape: 'dot', tone: 'blue' },
  starting: { shape: 'half', tone: 'blue' },
  ready: { shape: 'ring', tone: 'green' },
  stopped: { shape: 'dash', tone: 'dim' },
};

export const OVERALL_SIGNS: Record<Overall, Sign & { word: string }> = {
  stalled: { shape: 'square', tone: 'red', word: 'Stalled' },
  busy: { shape: 'dot', tone: 'blue', word: 'Busy' },
  idle: { shape: 'ring', tone: 'green', word: 'Idle' },
};

/** In place of the overall state, where it is not known how that is now. */
export const LOST_SIGN: Sign & { word: string } = { shape: 'dash', tone: 'dim', word: 'Not connected' };

const EVENT_SIGNS: Record<MonitorEvent['kind'], Sign> = {
  found: { shape: 'dash', tone: 'dim' },
  left: { shape: 'dash', tone: 'dim' },
  started: STATE_SIGNS.starting,
  busy: STATE_SIGNS.busy,
  ready: STATE_SIGNS.ready,
  waiting: STATE_SIGNS.waiting,
  stalled: STATE_SIGNS.stalled,
  dead: STATE_SIGNS.dead,
  recovered: STATE_SIGNS.ready,
  stopped: STATE_SIGNS.stopped,
  idle: OVERALL_SIGNS.idle,
  running: OVERALL_SIGNS.busy,
  held: { shape: 'half', tone: 'dim' },
  notice: { shape: 'dash', tone: 'dim' },
  policy: { shape: 'triangle', tone: 'dim' },
  breaker_opened: { shape: 'triangle', tone: 'amber' },
  breaker_closed: { shape: 'triangle', tone: 'dim' },
  kill_intent: { shape: 'dash', tone: 'dim' },
  kill_ended: { shape: 'cross', tone: 'dim' },
  kill_failed: { shape: 'cross', tone: 'amber' },
  config_changed: { shape: 'dash', tone: 'dim' },
  reap: { shape: 'dash', tone: 'dim' },
  session_idle: { shape: 'ring', tone: 'dim' },
  task_idle: { shape: 'ring', tone: 'dim' },
  session_timed_out: { shape: 'cross', tone: 'dim' },
};

export function eventSign(event: MonitorEvent): Sign {
  return EVENT_SIGNS[event.kind];
}

/** The word of a change of state; events of other kinds say in their text what happened. */
export function eventWord({ kind }: MonitorEvent): string | null {
  return isState(kind) ? kind : null;
}

function isState(kind: string): kind is WorkerState {
  return Object.hasOwn(STATE_SIGNS, kind);
}

export const ROW_SIGNS: Record<Shown, Sign> = {
  ...STATE_SIGNS,
  failed: { shape: 'small-cross', tone: 'ink' },
  unknown: { shape: 'question', tone: 'ink' },
};

/** A snoozed worker keeps its shape and gives up its loud colour. */
export function rowSign(row: WorkerRow): Sign {
  const sign = ROW_SIGNS[shownAs(row)];
  return row.snoozed ? { shape: sign.shape, tone: 'dim' } : sign;
}

const SOURCE_WORDS: Record<SourceKind, string> = {
  'worker-directory': 'Worker directory',
  workbench: 'Workbench',
  'supervised-run': 'Supervised run',
  opencode: 'OpenCode session',
  'claude-code': 'Claude Code session',
  codex: 'Codex session',
  'agent-registry': 'Registered agent',
  'task-list': 'Task',
};

export function sourceWord(source: SourceKind): string {
  return SOURCE_WORDS[source];
}

const SOURCES_WORDS: Record<SourceKind, string> = {
  'worker-directory': 'Worker directories',
  workbench: 'Workbenches',
  'supervised-run': 'Supervised runs',
  opencode: 'OpenCode sessions',
  'claude-code': 'Claude Code sessions',
  codex: 'Codex sessions',
  'agent-registry': 'Registered agents',
  'task-list': 'Tasks',
};

/** The workers of one kind, in words. */
export function sourceWords(source: SourceKind): string {
  return SOURCES_WORDS[source];
}

const EVIDENCE_WORDS: Record<EvidenceKind, string> = {
  heartbeat: 'Heartbeat',
  outbox: 'Outbox',
  inbox: 'Inbox',
  wire_events: 'Wire events',
  log: 'Log',
  request: 'Model request',
  process: 'Process',
  command: 'Command',
  spec: 'Spec',
  session: 'tmux session',
  run_time: 'Run time',
  report: 'Reports',
  transcript: 'Transcript',
  in_flight: 'In flight',
  task: 'Task',
  first_seen: 'First seen',
  clock_skew: 'Clock skew',
};

export function evidenceWord(kind: EvidenceKind): string {
  return EVIDENCE_WORDS[kind];
}

/** The run a worker belongs to, where that says more than its kind does. */
export function runWord({ source, runId }: Pick<WorkerRow, 'source' | 'runId'>): string | null {
  return runId === sourceWords(source).toLowerCase() ? null : runId;
}

/** The silence a worker is allowed before it counts as stalled; null: it is not judged by that. */
export function allowedSilence(row: WorkerRow): string | null {
  if (!isJudgedBySilence(row) || row.state === 'stopped' || row.state === 'starting') return null;
  const silence = `${formatDuration(row.heartbeatMissingMs)} of silence`;
  if (row.source !== 'supervised-run') return `${silence}, ${formatDuration(row.heartbeatStaleMs)} without progress`;
  // A command may be quiet for as long as it likes: its supervisor’s heartbeat tells. An orphaned one has none.
  return row.heartbeatAgeMs === null ? null : silence;
}

/** `01:47:12`; with its date when it is not of the day of `now`: `21 Nov 01:47:12`. */
export function formatTime(at: number, now: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString('en-GB');
  return date.toDateString() === new Date(now).toDateString()
    ? time
    : `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${time}`;
}

/** `01:47`; with its date when it is not of the day of `now`: `21 Nov 01:47`. */
export function formatMinute(at: number, now: number): string {
  return formatTime(at, now).slice(0, -3);
}

/** `4 %`, `0.4 %`; a dash where it was not sampled. */
export function formatPercent(percent: number | null): string {
  if (percent === null) return '–';
  return percent > 0 && percent < 1 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`;
}

/** `128 / 120`, `1.3k / 1.2k`: tasks and results; a dash for what a worker has not. */
export function formatInOut({ inboxCount, outboxCount }: Pick<WorkerRow, 'inboxCount' | 'outboxCount'>): string {
  if (inboxCount === null && outboxCount === null) return '–';
  return [inboxCount, outboxCount].map((count) => (count === null ? '–' : formatTokens(count))).join(' / ');
}

/** The same in full: `1280 tasks, 1279 results`. */
export function inOutWords({ inboxCount, outboxCount }: Pick<WorkerRow, 'inboxCount' | 'outboxCount'>): string {
  const tasks = inboxCount === null ? null : plural(inboxCount, 'task', 'tasks');
  const results = outboxCount === null ? null : plural(outboxCount, 'result', 'results');
  return [tasks, results].filter((words) => words !== null).join(', ');
}

/** `0.21`, `3.4`, `120`: two figures that matter. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 100) return String(Math.round(perSecond));
  return perSecond >= 10 ? perSecond.toFixed(1) : perSecond.toFixed(2);
}
