import { formatClock, formatDuration, harmless } from '../shared/format';
import { isUnknown, type Snapshot, type SourceKind, WORKER_STATES, type WorkerRow } from '../shared/model';
import { stateWord } from '../shared/state-words';
import type { Look } from './command';
import { OVERALL_SIGNS, rowSign } from './signs';
import { clip, padEnd, padStart, textWidth } from './text-width';

export const KIND_WORDS: Record<SourceKind, string> = {
  'worker-directory': 'worker directory',
  workbench: 'workbench',
  'supervised-run': 'supervised run',
  opencode: 'OpenCode',
  'claude-code': 'Claude Code',
  codex: 'Codex',
  'agent-registry': 'agent',
  'task-list': 'task',
};

const NAME_MAX = 32;
const WHY_MIN = 24;
const GAP = '  ';

interface Column {
  title: string;
  text(row: WorkerRow): string;
  right?: boolean;
}

const STATE: Column = { title: 'State', text: (row) => `${rowSign(row).shape} ${word(row)}` };
const WORKER: Column = { title: 'Worker', text: (row) => clip(harmless(row.name), NAME_MAX) };
const KIND: Column = { title: 'Kind', text: (row) => KIND_WORDS[row.source] };
const HEARTBEAT: Column = { title: 'Heartbeat', text: (row) => age(row.heartbeatAgeMs), right: true };
const IN: Column = { title: 'In', text: (row) => count(row.inboxCount), right: true };
const OUT: Column = { title: 'Out', text: (row) => count(row.outboxCount), right: true };
const PID: Column = { title: 'Pid', text: (row) => count(row.pid), right: true };
const WHY: Column = { title: 'Why', text: (row) => harmless(row.reason, 1_000) };

/** Which columns go first where the terminal is too narrow for a readable reason. */
const LAYOUTS: Column[][] = [
  [STATE, WORKER, KIND, HEARTBEAT, IN, OUT, PID, WHY],
  [STATE, WORKER, KIND, HEARTBEAT, WHY],
  [STATE, WORKER, WHY],
];

/** The overall sentence, then a table for each run: what needs a person first. Ends with a line break. */
export function statusTable(snapshot: Snapshot, look: Look): string {
  const sign = OVERALL_SIGNS[snapshot.overall];
  const lines = [`${paint(sign.shape, sign.ansi, look)} ${paint(snapshot.sentence, 1, look)}`];
  const columns = layoutFor(snapshot.workers, look);
  const runIds = [...new Set(snapshot.workers.map((row) => row.runId))].sort();
  for (const runId of runIds) {
    lines.push('');
    if (runIds.length > 1) lines.push(paint(harmless(runId), 1, look));
    const rows = snapshot.workers.filter((row) => row.runId === runId);
    lines.push(...tableLines(columns, sorted(rows), look));
  }
  return `${lines.join('\n')}\n`;
}

interface Placed {
  column: Column;
  /** Null: the rest of the line. */
  width: number | null;
}

function layoutFor(rows: WorkerRow[], look: Look): Placed[] {
  const severalKinds = new Set(rows.map(({ source }) => source)).size > 1;
  const layouts = LAYOUTS.map((columns) =>
    placed(
      columns.filter((column) => column !== KIND || severalKinds),
      rows,
    ),
  );
  const fits = layouts.find((layout) => look.columns === null || fixedWidth(layout) + WHY_MIN <= look.columns);
  return fits ?? placed([STATE, WORKER, WHY], rows);
}

function placed(columns: Column[], rows: WorkerRow[]): Placed[] {
  return columns.map((column) => ({
    column,
    width:
      column === WHY
        ? null
        : rows.reduce((most, row) => Math.max(most, textWidth(column.text(row))), column.title.length),
  }));
}

function fixedWidth(layout: Placed[]): number {
  return layout.reduce((sum, { width }) => sum + (width === null ? 0 : width + GAP.length), 0);
}

function tableLines(layout: Placed[], rows: WorkerRow[], look: Look): string[] {
  const rest = look.columns === null ? Number.POSITIVE_INFINITY : Math.max(1, look.columns - fixedWidth(layout));
  const line = (text: (column: Column) => string) =>
    layout.map(({ column, width }) => cell(text(column), width, column, rest));
  const title = line((column) => column.title).join(GAP);
  return [
    paint(title.trimEnd(), 2, look),
    ...rows.map((row) => {
      const [state, ...others] = line((column) => column.text(row));
      return `${paint(state ?? '', rowSign(row).ansi, look)}${GAP}${others.join(GAP)}`.trimEnd();
    }),
  ];
}

function cell(text: string, width: number | null, column: Column, rest: number): string {
  if (width === null) return clip(text, rest);
  return column.right ? padStart(text, width) : padEnd(text, width);
}

function sorted(rows: WorkerRow[]): WorkerRow[] {
  const rank = (row: WorkerRow) => WORKER_STATES.indexOf(row.state);
  return [...rows].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
}

/** Late is a shade of a state, not one of its own; and of whom nothing better is known, the last state stands. */
function word(row: WorkerRow): string {
  if (isUnknown(row)) return `${row.state}, unknown`;
  return row.health === 'late' ? `${row.state}, late` : stateWord(row);
}

function age(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 86_400_000 ? formatClock(ms) : formatDuration(ms);
}

function count(value: number | null): string {
  return value === null ? '–' : String(value);
}

function paint(text: string, code: number, look: Look): string {
  return look.color ? `\u001b[${code}m${text}\u001b[0m` : text;
}
