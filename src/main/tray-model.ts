import { formatDuration, harmless, plural } from '../shared/format';
import { isJudgedBySilence, type Overall, type Snapshot, type WorkerId, type WorkerRow } from '../shared/model';

const MAX_WORKERS = 12;
const MAX_SUGGESTIONS = 5;
const MAX_NAME = 40;

export type TrayIcon = Overall | 'paused';

/** All that the tray shows, as plain values: equal models look equal. */
export interface TrayModel {
  icon: TrayIcon;
  tooltip: string;
  menu: TrayMenu;
}

export interface TrayMenu {
  /** The overall state in a sentence. */
  line: string;
  /** Automatic ending was stopped by the circuit breaker. */
  endingStopped: boolean;
  /** Those the policy suggests to end, the first of them. */
  suggestions: { id: WorkerId; label: string }[];
  /** Those that need the person, the first of them. */
  workers: { id: WorkerId; label: string; canEnd: boolean }[];
  /** How many more need the person. */
  more: number;
  paused: boolean;
}

/** The menu carries no ages, so that it changes, and closes under the pointer, only when something happened. */
export function trayModel(snapshot: Snapshot): TrayModel {
  const needy = snapshot.workers.filter((row) => row.needsPerson).sort((a, b) => a.since - b.since);
  const shown = needy.slice(0, MAX_WORKERS);
  return {
    icon: snapshot.paused ? 'paused' : snapshot.overall,
    tooltip: tooltip(snapshot, needy),
    menu: {
      line: snapshot.sentence,
      endingStopped: snapshot.policy.breaker !== null,
      suggestions: suggested(snapshot.workers)
        .slice(0, MAX_SUGGESTIONS)
        .map((row) => ({
          id: row.id,
          label: `End ${shortName(row)}… (suggested)`,
        })),
      workers: shown.map((row) => ({ id: row.id, label: `${shortName(row)} – ${row.state}`, canEnd: row.canEnd })),
      more: needy.length - shown.length,
      paused: snapshot.paused,
    },
  };
}

function suggested(rows: readonly WorkerRow[]): WorkerRow[] {
  return rows.filter((row) => row.suggestion !== null && row.canEnd).sort((a, b) => a.since - b.since);
}

function tooltip(snapshot: Snapshot, needy: WorkerRow[]): string {
  if (snapshot.paused) return 'idlewatch: watching is paused';
  const all = snapshot.workers.length;
  const [first, ...others] = needy;
  if (first) {
    const more = others.length ? `, and ${plural(others.length, 'other', 'others')}` : '';
    return `${needy.length} of ${all} ${words(needy)}: ${shortName(first)} ${why(first, snapshot.takenAt)}${more}`;
  }
  if (!all) return 'idlewatch: no workers yet';
  const { busy, starting } = snapshot.counts;
  if (busy + starting) return `${busy + starting} of ${all} busy`;
  return snapshot.overall === 'idle'
    ? `All idle: ${plural(all, 'worker', 'workers')}`
    : `0 of ${all} busy, not idle yet`;
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
