import { natureOf, type SourceKind, type WorkerId } from '../shared/model';
import { keyOf } from './observe/in-flight';
import type { Clock, ProcessTable } from './ports';
import type { WorkerRecord } from './worker-record';

/** Kinds whose processes may be sessions of their own. */
const AROUND: ReadonlySet<SourceKind> = new Set(['workbench', 'supervised-run']);
/** Between a session and what it runs in there are no more processes. */
const DEPTH_MAX = 16;
/** Which processes these are is gone through for all sessions together, and a session without one is looked at again. */
const KNOWN_FOR_MS = 1_000;
const AGAIN_MS = 5_000;

/** A workbench or run by one of its processes; `startTime` null: tmux named it just now. */
interface Around {
  id: WorkerId;
  startTime: string | null;
}

/**
 * Tells within which workbench or supervised run a session runs: its process is one of that one's, or was started by one.
 * Costs nothing where there are none of them, and a few cheap looks for each session where there are.
 */
export class RollUp {
  #around: { byPid: ReadonlyMap<number, Around>; untilMs: number } | null = null;

  constructor(
    private readonly table: ProcessTable,
    private readonly clock: Clock,
    private readonly workers: () => Iterable<WorkerRecord>,
  ) {}

  /** Afterwards `record.runsIn` is as far as is known. Once found it holds for as long as its process is the same. */
  look(record: WorkerRecord): void {
    const { identity, liveness } = record.process;
    if (!identity || natureOf(record.source.kind) !== 'session') return;
    const key = keyOf(identity);
    const known = record.runsIn?.key === key ? record.runsIn : null;
    const now = this.clock.monotonicMs();
    const isDue = !known || (known.workerId === null && now - known.askedMs >= AGAIN_MS);
    if (isDue && liveness === 'alive') record.runsIn = { key, workerId: this.#find(identity.pid), askedMs: now };
  }

  #find(pid: number): WorkerId | null {
    const byPid = this.#aroundNow();
    if (!byPid.size) return null;
    for (let at = pid, depth = 0; at > 1 && depth < DEPTH_MAX; depth += 1) {
      const look = this.table.inspect(at);
      if (look.liveness !== 'alive') return null;
      const around = byPid.get(at);
      if (around && (around.startTime === null || around.startTime === look.fact.startTime)) return around.id;
      at = look.fact.ppid;
    }
    return null;
  }

  #aroundNow(): ReadonlyMap<number, Around> {
    const now = this.clock.monotonicMs();
    if (this.#around && now < this.#around.untilMs) return this.#around.byPid;
    const byPid = new Map<number, Around>();
    for (const { id, source, process, reading } of this.workers()) {
      if (!AROUND.has(source.kind)) continue;
      for (const pid of reading?.session?.panePids ?? []) byPid.set(pid, { id, startTime: null });
      const { identity, liveness } = process;
      if (identity && liveness === 'alive') byPid.set(identity.pid, { id, startTime: identity.startTime });
    }
    this.#around = { byPid, untilMs: now + KNOWN_FOR_MS };
    return byPid;
  }
}
