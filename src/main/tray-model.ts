import { formatDuration, harmless, plural } from '../shared/format';
import {
  isJudgedBySilence,
  type Overall,
  type Snapshot,
  type SourceKind,
  type WorkerId,
  type WorkerRow,
} from '../shared/model';

const MAX_WORKERS = 12;
/** Many that wait must not push out the stalled. */
const MAX_WAITING = 6;
const MAX_SUGGESTIONS = 5;
const MAX_NAME = 40;

/** `…-waiting`: with a badge, as somebody waits for the person; what is stalled comes before that. */
export type TrayIcon = Overall | 'paused' | 'idle-waiting' | 'busy-waiting';

/** What the tray shows beside the snapshot. */
export interface TrayExtras {
  /** The machine is kept from going to sleep. */
  keepsAwake: boolean;
  /** Kinds of which the person wants no news: they wait without a badge. */
  mutedSources: readonly SourceKind[];
}

/** All that the tray shows, as plain values: equal models look equal. */
export interface TrayModel {
  icon: TrayIcon;
  tooltip: string;
  menu: TrayMenu;
}

export interface TrayMenu {
  /** The overall state in a sentence. */
  line: string;
  /** The machine is kept from going to sleep. */
  keepsAwake: boolean;
  /** What happens cannot be written to the disk. */
  keepingFails: boolean;
  /** Automatic ending was stopped by the circuit breaker. */
  endingStopped: boolean;
  /** Those the policy suggests to end, the first of them. */
  suggestions: { id: WorkerId; label: string }[];
  /** Those that wait for the person, then the stalled and dead; of each the longest first, and not all of many. */
  workers: { id: WorkerId; label: string; canEnd: boolean }[];
  /** How many more there are of these. */
  more: number;
  paused: boolean;
}

/** The menu carries no ages, so that it changes, and closes under the pointer, only when something happened. */
export function trayModel(snapshot: Snapshot, { keepsAwake, mutedSources }: TrayExtras): TrayModel {
  const needy = longestFirst(snapshot.workers.filter((row) => row.needsPerson));
  const waiting = longestFirst(snapshot.workers.filter((row) => row.state === 'waiting' && !row.snoozed));
  const isAsked = waiting.some(({ source }) => !mutedSources.includes(source));
  const keepingFails = snapshot.keeping.failing !== null;
  const shown = [...waiting.slice(0, MAX_WAITING), ...needy].slice(0, MAX_WORKERS);
  return {
    icon: iconOf(snapshot, isAsked),
    tooltip: [
      tooltip(snapshot, needy, waiting),
      ...(keepsAwake ? ['keeps the machine awake'] : []),
      ...(keepingFails ? ['what happens cannot be kept'] : []),
    ].join(' · '),
    menu: {
      line: snapshot.sentence,
      keepsAwake,
      keepingFails,
      endingStopped: snapshot.policy.breaker !== null,
      suggestions: suggested(snapshot.workers)
        .slice(0, MAX_SUGGESTIONS)
        .map((row) => ({
          id: row.id,
          label: `Kill ${shortName(row)}… (suggested)`,
        })),
      workers: shown.map((row) => ({
        id: row.id,
        label: `${shortName(row)} – ${stateWords(row)}`,
        canEnd: row.canEnd,
      })),
      more: waiting.length + needy.length - shown.length,
      paused: snapshot.paused,
    },
  };
}

function iconOf({ paused, overall }: Snapshot, isAsked: boolean): TrayIcon {
  if (paused) return 'paused';
  return isAsked && overall !== 'stalled' ? `${overall}-waiting` : overall;
}

function suggested(rows: readonly WorkerRow[]): WorkerRow[] {
  return longestFirst(rows.filter((row) => row.suggestion !== null && row.canEnd));
}

function longestFirst(rows: WorkerRow[]): WorkerRow[] {
  return rows.sort((a, b) => a.since - b.since);
}

function stateWords({ state }: WorkerRow): string {
  return state === 'waiting' ? 'waits for you' : state;
}

function tooltip(snapshot: Snapshot, needy: WorkerRow[], waiting: WorkerRow[]): string {
  if (snapshot.paused) return 'idlewatch: watching is paused';
  const all = snapshot.workers.length;
  const [first] = needy;
  if (first) {
    return `${needy.length} of ${all} ${words(needy)}: ${shortName(first)} ${why(first, snapshot.takenAt)}${others(needy)}`;
  }
  const [asking] = waiting;
  if (asking) {
    const wait = waiting.length === 1 ? 'waits' : 'wait';
    return `${waiting.length} of ${all} ${wait} for you: ${shortName(asking)}${others(waiting)}`;
  }
  if (!all) return 'idlewatch: no workers yet';
  const { busy, starting } = snapshot.counts;
  if (busy + starting) return `${busy + starting} of ${all} busy`;
  return snapshot.overall === 'idle'
    ? `All idle: ${plural(all, 'worker', 'workers')}`
    : `0 of ${all} busy, not idle yet`;
}

function others({ length }: WorkerRow[]): string {
  return length > 1 ? `, and ${plural(length - 1, 'other', 'others')}` : '';
}

function words(needy: WorkerRow[]): string {
  const states = new Set(needy.map((row) => row.state));
  return ['stalled', 'dead'].filter((state) => states.has(state as WorkerRow['state'])).join(' or ');
}

function why(row: WorkerRow, takenAt: number): string {
  const silentMs = row.lifeAgeMs === null ? 0 : row.lifeAgeMs + Math.max(0, takenAt - row.judgedAt);
  const isSilent = isJudgedBySilence(row) && silentMs > row.heartbeatMissingMs;
  return isSilent ? `silent for ${formatDuration(silentMs)}` : `(${harmless(row.reason, 80)})`;
}

const shortName = (row: WorkerRow): string => harmless(row.name, MAX_NAME);
