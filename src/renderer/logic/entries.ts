import { plural } from '../../shared/format';
import { SOURCE_KINDS, type SourceKind, type WorkerId, type WorkerRow } from '../../shared/model';
import { type Shown, shownAs } from '../../shared/state-words';
import { allBelow, type Kin, kinOf } from './kin';
import { isUrgent } from './rows';

/** One line of the table: the head of a group, or a worker. */
export type Entry = GroupEntry | WorkerEntry;

export interface GroupEntry {
  type: 'group';
  /** Names the line; no worker has it. */
  key: string;
  source: SourceKind;
  open: boolean;
  /** All workers of the group, also those that are folded away. */
  count: number;
  /** By the signs they are shown with. */
  shown: Readonly<Partial<Record<Shown, number>>>;
  /** Sums of what is known; null where nothing is. */
  cpuPercent: number | null;
  rssBytes: number | null;
  tokens: number | null;
  cost: number | null;
}

export interface WorkerEntry {
  type: 'worker';
  key: WorkerId;
  row: WorkerRow;
  /** How many workers stand above it: 0 for one that works for no other. */
  depth: number;
  /** Its sub-agents; null where it has none. */
  below: Below | null;
}

/** What a worker's sub-agents come to. */
export interface Below {
  count: number;
  open: boolean;
  /** Of them: stalled or dead, and not snoozed. */
  needPerson: number;
  /** Of them: waiting for a person, and not snoozed. */
  waiting: number;
}

/** How the lines are put together. */
export interface Layout {
  grouped: boolean;
  /** Sub-agents stand below their parents; else every worker has a line of its own. */
  nested: boolean;
  /** A worker stands where the first of its sub-agents would that a person should see. */
  urgentFirst: boolean;
  closedGroups: ReadonlySet<SourceKind>;
  openParents: ReadonlySet<WorkerId>;
}

/** The table's lines, of rows that are in order already. */
export function layOut(rows: readonly WorkerRow[], layout: Layout): Entry[] {
  const kin: Kin = layout.nested ? kinOf(rows) : { heads: [...rows], below: new Map() };
  const heads = layout.urgentFirst && kin.below.size ? lifted(rows, kin) : kin.heads;
  if (!layout.grouped) return heads.flatMap((head) => lines(head, 0, kin, layout));
  return groupsOf(heads, kin).flatMap((group) => {
    const open = !layout.closedGroups.has(group.source);
    const entry = groupEntry(group, open);
    return open ? [entry, ...group.heads.flatMap((head) => lines(head, 0, kin, layout))] : [entry];
  });
}

/** `1 sub-agent stalled, 2 wait for you`, and how loud it is; null where all are well. Dead ones count as stalled. */
export function belowTrouble({ needPerson, waiting }: Below): { words: string; state: 'stalled' | 'waiting' } | null {
  const stalled = needPerson ? `${plural(needPerson, 'sub-agent', 'sub-agents')} stalled` : null;
  if (!waiting) return stalled === null ? null : { words: stalled, state: 'stalled' };
  const wait = waiting === 1 ? 'waits for you' : 'wait for you';
  if (stalled !== null) return { words: `${stalled}, ${waiting} ${wait}`, state: 'stalled' };
  return { words: `${plural(waiting, 'sub-agent', 'sub-agents')} ${wait}`, state: 'waiting' };
}

export function groupKey(source: SourceKind): string {
  return `group:${source}`;
}

function lines(row: WorkerRow, depth: number, kin: Kin, layout: Layout): WorkerEntry[] {
  const children = kin.below.get(row.id);
  if (!children) return [{ type: 'worker', key: row.id, row, depth, below: null }];
  const open = layout.openParents.has(row.id);
  const entry: WorkerEntry = { type: 'worker', key: row.id, row, depth, below: toBelow(allBelow(kin, row.id), open) };
  return open ? [entry, ...children.flatMap((child) => lines(child, depth + 1, kin, layout))] : [entry];
}

function toBelow(rows: readonly WorkerRow[], open: boolean): Below {
  const waiting = rows.filter((row) => row.state === 'waiting' && !row.snoozed).length;
  return { count: rows.length, open, needPerson: rows.filter((row) => row.needsPerson).length, waiting };
}

/** The heads in order, each where it or the first of its urgent sub-agents stands. */
function lifted(rows: readonly WorkerRow[], kin: Kin): WorkerRow[] {
  const headOf = new Map<WorkerId, WorkerRow>();
  for (const head of kin.heads) {
    headOf.set(head.id, head);
    if (!kin.below.has(head.id)) continue;
    for (const row of allBelow(kin, head.id)) if (isUrgent(row)) headOf.set(row.id, head);
  }
  return [...new Set(rows.flatMap((row) => headOf.get(row.id) ?? []))];
}

interface Group {
  source: SourceKind;
  heads: WorkerRow[];
  /** The heads and all below them. */
  rows: WorkerRow[];
  /** Those whose processes are not among those of a head: a sub-agent's are, where its head's are known. */
  trees: WorkerRow[];
}

/** A group for each kind that is there: those with workers that need a person first, then those with waiting ones. */
function groupsOf(heads: readonly WorkerRow[], kin: Kin): Group[] {
  const groups = new Map<SourceKind, Group>();
  for (const head of heads) {
    const group = groups.get(head.source) ?? { source: head.source, heads: [], rows: [], trees: [] };
    groups.set(head.source, group);
    group.heads.push(head);
    const below = kin.below.has(head.id) ? allBelow(kin, head.id) : [];
    group.rows.push(head, ...below);
    group.trees.push(head, ...(head.rssBytes === null ? below : []));
  }
  const inOrder = SOURCE_KINDS.flatMap((source) => groups.get(source) ?? []);
  const rank = new Map(inOrder.map((group) => [group, urgency(group.rows)]));
  return inOrder.sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
}

function urgency(rows: readonly WorkerRow[]): number {
  if (rows.some((row) => row.needsPerson)) return 0;
  return rows.some(isUrgent) ? 1 : 2;
}

function groupEntry({ source, rows, trees }: Group, open: boolean): GroupEntry {
  const shown: Partial<Record<Shown, number>> = {};
  for (const row of rows) shown[shownAs(row)] = (shown[shownAs(row)] ?? 0) + 1;
  return {
    type: 'group',
    key: groupKey(source),
    source,
    open,
    count: rows.length,
    shown,
    cpuPercent: sum(trees, (row) => row.cpuPercent),
    rssBytes: sum(trees, (row) => row.rssBytes),
    tokens: sum(rows, (row) => row.usage?.tokens ?? null),
    cost: sum(rows, (row) => row.usage?.cost ?? null),
  };
}

function sum(rows: readonly WorkerRow[], of: (row: WorkerRow) => number | null): number | null {
  let total: number | null = null;
  for (const row of rows) {
    const value = of(row);
    if (value !== null) total = (total ?? 0) + value;
  }
  return total;
}
