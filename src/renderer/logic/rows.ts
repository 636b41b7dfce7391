import { SOURCE_KINDS, type SourceKind, type WorkerRow, type WorkerState } from '../../shared/model';
import { stateWord } from '../../shared/state-words';
import { sourceWord } from './words';

export const SORT_COLUMNS = [
  'state',
  'name',
  'source',
  'reason',
  'heartbeat',
  'traffic',
  'usage',
  'cpu',
  'memory',
] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];
export type SortDirection = 'ascending' | 'descending';
export interface Sort {
  column: SortColumn;
  direction: SortDirection;
}

/** What needs the person first, then by state, then by name: rows stay where they are while workers beat. */
export const CALM_SORT: Sort = { column: 'state', direction: 'ascending' };

/** Columns whose values change at every heartbeat or sample: their order is renewed only now and then. */
const RESTLESS: ReadonlySet<SortColumn> = new Set(['reason', 'heartbeat', 'traffic', 'usage', 'cpu', 'memory']);
const BIGGEST_FIRST: ReadonlySet<SortColumn> = new Set(['heartbeat', 'traffic', 'usage', 'cpu', 'memory']);

export function isRestless(column: SortColumn): boolean {
  return RESTLESS.has(column);
}

/** The sort after a click on a column's header: its natural direction first, then the other. */
export function nextSort(current: Sort, column: SortColumn): Sort {
  if (current.column !== column) {
    return { column, direction: BIGGEST_FIRST.has(column) ? 'descending' : 'ascending' };
  }
  return { column, direction: current.direction === 'ascending' ? 'descending' : 'ascending' };
}

export const CHIPS = ['all', 'stalled', 'waiting', 'busy', 'ready', 'stopped'] as const;
export type Chip = (typeof CHIPS)[number];

const CHIP_STATES: Record<Exclude<Chip, 'all'>, readonly WorkerState[]> = {
  stalled: ['stalled', 'dead'],
  waiting: ['waiting'],
  busy: ['busy', 'starting'],
  ready: ['ready'],
  stopped: ['stopped'],
};

/** How many workers each chip would show; every worker is in exactly one chip besides `all`. */
export function chipCounts(counts: Record<WorkerState, number>): Record<Chip, number> {
  const of = (chip: Exclude<Chip, 'all'>) => CHIP_STATES[chip].reduce((sum, state) => sum + counts[state], 0);
  const by = {
    stalled: of('stalled'),
    waiting: of('waiting'),
    busy: of('busy'),
    ready: of('ready'),
    stopped: of('stopped'),
  };
  return { all: by.stalled + by.waiting + by.busy + by.ready + by.stopped, ...by };
}

/** Workers of one kind; or all of them, grouped by kind or in one list. */
export type KindFilter = SourceKind | 'grouped' | 'one-list';

export function isOneKind(kind: KindFilter): kind is SourceKind {
  return kind !== 'grouped' && kind !== 'one-list';
}

export interface Filters {
  chip: Chip;
  kind: KindFilter;
  text: string;
}

/** The kinds that are there, in the vocabulary's order. */
export function kindsOf(rows: readonly WorkerRow[]): SourceKind[] {
  const found = new Set(rows.map((row) => row.source));
  return SOURCE_KINDS.filter((kind) => found.has(kind));
}

/** The rows that chip, kind and text let through; every word of the text must be somewhere in the row. */
export function filterRows(rows: readonly WorkerRow[], { chip, kind, text }: Filters): readonly WorkerRow[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  const states = chip === 'all' ? null : CHIP_STATES[chip];
  const source = isOneKind(kind) ? kind : null;
  if (!states && !source && !wanted.length) return rows;
  return rows.filter(
    (row) => (!states || states.includes(row.state)) && (!source || row.source === source) && matches(row, wanted),
  );
}

function matches(row: WorkerRow, wanted: readonly string[]): boolean {
  if (!wanted.length) return true;
  const text = [
    row.name,
    row.role ?? '',
    row.state,
    stateWord(row),
    sourceWord(row.source),
    row.runId,
    row.reason,
    row.path,
    row.pid ?? '',
  ]
    .join('\n')
    .toLowerCase();
  return wanted.every((word) => text.includes(word));
}

/** Where a row stands in the calm order: what needs a person, what waits, what was snoozed, what runs, what rests. */
export function stateRank(row: WorkerRow): number {
  if (row.needsPerson) return row.state === 'dead' ? 1 : 0;
  if (row.state === 'waiting' && row.snoozed) return RANKS.stalled;
  return RANKS[row.state];
}

/** A person should see it: it is stalled, dead or waiting for them, and not snoozed. */
export function isUrgent(row: WorkerRow): boolean {
  return row.needsPerson || (row.state === 'waiting' && !row.snoozed);
}

const RANKS: Record<WorkerState, number> = {
  waiting: 2,
  stalled: 3,
  dead: 4,
  busy: 5,
  starting: 6,
  ready: 7,
  stopped: 8,
};

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export function compareNames(a: string, b: string): number {
  return a === b ? 0 : collator.compare(a, b);
}

/** Age of the heartbeat as of `judgedAt`; without one of any sign of life, or of a session's last activity. */
export function lastSignAgeMs(row: WorkerRow): number | null {
  const ageMs = row.heartbeatAgeMs ?? row.lifeAgeMs;
  if (ageMs !== null) return ageMs;
  const activeAt = row.idle?.activeAt ?? null;
  return activeAt === null ? null : Math.max(0, row.judgedAt - activeAt);
}

/** Grows with the age of the last sign, and stands still while that age grows. */
function lastSign(row: WorkerRow): number | null {
  const ageMs = lastSignAgeMs(row);
  return ageMs === null ? null : ageMs - row.judgedAt;
}

/** By cost; those whose cost is not known come below these, by tokens. */
function usageKey({ usage }: WorkerRow): number | null {
  if (!usage || (usage.cost === null && usage.tokens === null)) return null;
  return usage.cost ?? (usage.tokens ?? 0) / 1e15;
}

/** What a column sorts by; null goes last in either direction. */
export function sortKey(row: WorkerRow, column: SortColumn): number | string | null {
  switch (column) {
    case 'state':
      return stateRank(row);
    case 'name':
      return row.name;
    case 'source':
      return `${sourceWord(row.source)} ${row.runId}`;
    case 'reason':
      return row.reason;
    case 'heartbeat':
      return lastSign(row);
    case 'traffic':
      return row.inboxCount === null && row.outboxCount === null
        ? null
        : (row.inboxCount ?? 0) + (row.outboxCount ?? 0);
    case 'usage':
      return usageKey(row);
    case 'cpu':
      return row.cpuPercent;
    case 'memory':
      return row.rssBytes;
  }
}

/** Compare two rows for a sort; equal keys fall back to state, then name, then id, always upwards. */
export function compareRows(a: WorkerRow, b: WorkerRow, sort: Sort): number {
  const keyA = sortKey(a, sort.column);
  const keyB = sortKey(b, sort.column);
  if (keyA === null || keyB === null) {
    if (keyA !== keyB) return keyA === null ? 1 : -1;
  } else {
    const order =
      typeof keyA === 'number' && typeof keyB === 'number' ? keyA - keyB : compareNames(String(keyA), String(keyB));
    if (order) return sort.direction === 'ascending' ? order : -order;
  }
  return stateRank(a) - stateRank(b) || compareNames(a.name, b.name) || (a.id < b.id ? -1 : Number(a.id > b.id));
}
