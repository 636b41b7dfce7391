import type { WorkerId, WorkerRow } from '../../shared/model';

/** Who works for whom among some rows. */
export interface Kin {
  /** Those nobody of these rows is above. */
  heads: WorkerRow[];
  /** The sub-agents directly below a worker. */
  below: ReadonlyMap<WorkerId, readonly WorkerRow[]>;
}

const NOBODY: readonly WorkerRow[] = [];
/** Nobody reads further in; and what a program says of its sessions is not believed without end. */
const DEEPEST = 16;

/** Find the sub-agents of each worker; all keep the order they came in. One whose parent is not there stands alone. */
export function kinOf(rows: readonly WorkerRow[]): Kin {
  if (!rows.some((row) => row.parentId !== null)) return { heads: [...rows], below: new Map() };
  const known = new Map(rows.map((row) => [row.id, row]));
  const heads: WorkerRow[] = [];
  const below = new Map<WorkerId, WorkerRow[]>();
  for (const row of rows) {
    const parent = parentOf(row, known);
    if (!parent) heads.push(row);
    else if (below.has(parent.id)) below.get(parent.id)?.push(row);
    else below.set(parent.id, [row]);
  }
  return { heads, below };
}

/** All that are below a worker, at any depth. */
export function allBelow(kin: Pick<Kin, 'below'>, id: WorkerId): WorkerRow[] {
  return (kin.below.get(id) ?? NOBODY).flatMap((row) => [row, ...allBelow(kin, row.id)]);
}

/** The worker a row is below; null for one that would be, by however many steps, below itself. */
function parentOf(row: WorkerRow, known: ReadonlyMap<WorkerId, WorkerRow>): WorkerRow | null {
  const parent = above(row, known);
  let steps = 0;
  for (let at = parent; at; at = above(at, known)) {
    steps += 1;
    if (at.id === row.id || steps > DEEPEST) return null;
  }
  return parent;
}

function above({ parentId }: WorkerRow, known: ReadonlyMap<WorkerId, WorkerRow>): WorkerRow | null {
  return parentId === null ? null : (known.get(parentId) ?? null);
}

/** The workers above one, the nearest first. */
export function ancestors(rows: readonly WorkerRow[], id: WorkerId): WorkerId[] {
  const known = new Map(rows.map((row) => [row.id, row]));
  const found: WorkerId[] = [];
  let at = known.get(id);
  while (at) {
    const parent = parentOf(at, known);
    if (!parent) break;
    found.push(parent.id);
    at = parent;
  }
  return found;
}
