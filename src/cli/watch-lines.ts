import type { Snapshot, WorkerRow } from '../shared/model';
import { jsonLine, SCHEMA, time, workerJson } from './json';
import type { Picture } from './pictures';

/** Makes of pictures what `idlewatch watch` prints: a line of JSON for each change, each with its line break. */
export function createWatchLines(): (picture: Picture) => string[] {
  let before: Snapshot | null = null;
  return ({ snapshot, delta }) => {
    const last = before;
    before = snapshot;
    if (!last || !delta) return [snapshotLine(snapshot)];
    const known = new Map(last.workers.map((row) => [row.id, row]));
    const at = time(snapshot.takenAt);
    const changed = delta.changed.filter((row) => isNews(known.get(row.id), row));
    return [
      ...changed.map((row) => jsonLine({ type: 'worker', at, worker: workerJson(row) })),
      ...delta.removed.filter((id) => known.has(id)).map((id) => jsonLine({ type: 'removed', at, id })),
      ...(isSameHead(last, snapshot) ? [] : [jsonLine({ type: 'overall', at, ...headOf(snapshot) })]),
    ];
  };
}

function snapshotLine(snapshot: Snapshot): string {
  const workers = snapshot.workers.map(workerJson);
  return jsonLine({ type: 'snapshot', schema: SCHEMA, at: time(snapshot.takenAt), ...headOf(snapshot), workers });
}

function headOf({ overall, sentence, counts }: Snapshot): object {
  return { overall, sentence, counts };
}

function isSameHead(a: Snapshot, b: Snapshot): boolean {
  return JSON.stringify(headOf(a)) === JSON.stringify(headOf(b));
}

/** Ages and the times of beats go on by themselves: they are no change, nor are the words that tell of them. */
function isNews(before: WorkerRow | undefined, row: WorkerRow): boolean {
  return before === undefined || JSON.stringify(lasting(before)) !== JSON.stringify(lasting(row));
}

function lasting({
  name,
  role,
  parentId,
  state,
  health,
  failure,
  since,
  needsPerson,
  snoozed,
  ...row
}: WorkerRow): unknown[] {
  const { inboxCount, outboxCount, pid, liveness, idle, usage } = row;
  return [
    ...[name, role, parentId, state, health, failure, since, needsPerson, snoozed],
    ...[inboxCount, outboxCount, pid, liveness, idle?.status, usage],
  ];
}
