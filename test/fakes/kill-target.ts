import type { KillTarget } from '../../src/engine/monitor-types';

/** A worker in /work/<name> whose heartbeat named `pid` a while after the made-up processes started. */
export function killTarget(name: string, pid: number | null, over: Partial<KillTarget> = {}): KillTarget {
  const path = `/work/${name}`;
  return {
    workerId: `worker-directory:${path}`,
    workerName: name,
    source: 'worker-directory',
    path,
    claim: pid === null ? null : { pid, from: 'heartbeat', namedAt: 2_000_000 },
    session: null,
    files: [`${path}/heartbeat.json`, `${path}/outbox.jsonl`],
    abort: null,
    within: null,
    ...over,
  };
}
