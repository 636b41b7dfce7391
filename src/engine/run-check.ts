import type { RootStatus, WorkerReport } from '../shared/model';
import type { RunCheck } from './monitor-types';
import { isWrong } from './observe/verdict';

/** Group reports by run: the workers of one state directory. A root that cannot be read is a run with an issue. */
export function checkRuns(workers: WorkerReport[], roots: RootStatus[], checkedAt: number): RunCheck[] {
  const runs = new Map<string, RunCheck>();
  for (const worker of workers) {
    // Two state directories may have the same name: the path tells them apart.
    const key = worker.path.slice(0, worker.path.lastIndexOf(worker.path.includes('\\') ? '\\' : '/'));
    const run = runs.get(key) ?? { runId: worker.runId, checkedAt, workers: [], issuesFound: [] };
    runs.set(key, run);
    run.workers.push(worker);
    if (isWrong(worker)) run.issuesFound.push(`${worker.name}: ${worker.reason}`);
  }
  const unread = roots.flatMap(({ path, unreadable }) =>
    unreadable === null
      ? []
      : [{ runId: path, checkedAt, workers: [], issuesFound: [`${path} cannot be read: ${unreadable}`] }],
  );
  return [...runs.values(), ...unread];
}
