import type { Monitor } from '../../engine/monitor-types';
import type { Clock } from '../../engine/ports';
import type { Snapshot, WorkerId } from '../../shared/model';
import type { Settings } from '../../shared/settings';
import type { Allowance } from './limits';

/** Taking the whole picture costs more than passing a request on: it may be so old. */
const PICTURE_MS = 1_000;

/** `idle`: half of what is allowed; `critical`: one. */
export type Strictness = 'usual' | 'idle' | 'critical';

/** What the gateway goes by of all that is observed. */
export interface Outlook {
  strictness(settings: Settings): Strictness;
  /** The worker of this id or name; null: nobody knows it. Workers of one name are one here. */
  known(worker: string | null): string | null;
}

export function createOutlook(
  clock: Pick<Clock, 'monotonicMs'>,
  monitor: Pick<Monitor, 'snapshot' | 'isIdleButForRequests'>,
): Outlook {
  let picture: { snapshot: Snapshot; names: Map<string, WorkerId> } | null = null;
  let takenMs = 0;

  function look() {
    const now = clock.monotonicMs();
    if (picture && now - takenMs < PICTURE_MS) return picture;
    takenMs = now;
    const taken = monitor.snapshot();
    const names = new Map<string, WorkerId>();
    for (const { id, name } of taken.workers) names.set(name, id);
    for (const { id } of taken.workers) names.set(id, id);
    picture = { snapshot: taken, names };
    return picture;
  }

  return {
    strictness(settings) {
      const { memory, policy, paused } = look().snapshot;
      if (policy.breaker !== null) return 'critical';
      // What was seen of memory and of workers before the pause says nothing of now.
      if (paused) return 'usual';
      const usedPercent = memory.totalBytes > 0 ? (memory.usedBytes / memory.totalBytes) * 100 : 0;
      if (usedPercent > settings.memoryPressurePercent) return 'critical';
      // Its own requests are traffic: they would end the idle state that they are to be measured by.
      return monitor.isIdleButForRequests ? 'idle' : 'usual';
    },
    known: (worker) => (worker === null ? null : (look().names.get(worker) ?? null)),
  };
}

/** What holds of the settings' requests a minute. Without a limit there is none at any time. */
export function allowed(settings: Settings, strictness: Strictness): Allowance {
  const now = (limit: number | null) => {
    if (limit === null || strictness === 'usual') return limit;
    return strictness === 'critical' ? 1 : Math.max(1, Math.floor(limit / 2));
  };
  return { inAll: now(settings.gatewayRequestsPerMinute), ofWorker: now(settings.gatewayWorkerRequestsPerMinute) };
}
