import { askerWords } from '../../shared/asker-words';
import type { Settings } from '../../shared/settings';
import type { AuditLog, Clock, Files, Logger, ProcessTable } from '../ports';
import type { RunRecord, RunRegistry, RunSpool, UnfinishedKill } from '../run-registry';
import { workerIdOf } from '../sources/supervised-run/target';
import type { Killer } from './kill';
import { checkOrphans } from './orphans';
import { reconcile } from './reconcile';

/** Orphans are looked for this often. */
const CHECK_INTERVAL_MS = 30_000;
/** A run that never had a directory is remembered for this long. */
const VANISHED_KEPT_MS = 86_400_000;

export interface UpkeepOptions {
  runs: RunRegistry;
  spool: RunSpool;
  table: ProcessTable;
  files: Pick<Files, 'realPath'>;
  clock: Clock;
  settings: () => Pick<Settings, 'orphanedRuns'>;
  killer: Killer;
  /** Kills that were begun and never finished are told of once; null: whoever sits at the window is told. */
  audit: (AuditLog & { unfinishedKills(): UnfinishedKill[] }) | null;
  /** Something to tell a person of; `runId`: what run it is about. */
  tell(text: string, runId: string | null): void;
  log: Logger;
}

/** Brings to an end what others left open: spooled states, runs whose supervisor is gone, kills cut short. */
export interface Upkeep {
  start(): void;
  /** Resolves once nothing of it is under way any more. */
  stop(): Promise<void>;
}

export function createUpkeep(options: UpkeepOptions): Upkeep {
  const { runs, spool, table, files, clock, settings, killer, audit, tell, log } = options;
  let cancel: (() => void) | null = null;
  let running: Promise<void> = Promise.resolve();
  const ending = new Set<string>();
  let lastComplaint = '';

  /** An orphan is ended as a person would end it: planned, checked, recorded. */
  async function end(run: RunRecord): Promise<void> {
    if (ending.has(run.id)) return;
    ending.add(run.id);
    const plan = killer.plan(workerIdOf(run.id));
    const why = `orphaned: its supervisor (pid ${run.supervisor.pid}) is gone`;
    const asking = { acceptShared: false, askedBy: 'policy', why } as const;
    const answer = plan.refused === null ? await killer.execute(plan.planId, asking) : null;
    const refusal = plan.refused ?? (answer && !answer.ok ? answer.reason : null);
    if (refusal !== null) tell(`The orphaned run ${run.name} was not ended: ${refusal}`, run.id);
  }

  async function check(): Promise<void> {
    const orphans: RunRecord[] = [];
    await reconcile(runs, spool, log);
    forgetVanished();
    await checkOrphans({ runs, table, onOrphan: (run) => orphans.push(run) });
    if (settings().orphanedRuns === 'end') for (const run of orphans) await end(run);
  }

  /** Nothing is left to be seen of a finished run whose directory somebody else removed. */
  function forgetVanished(): void {
    for (const { id, directory, finishedAt } of runs.list(['succeeded', 'failed', 'timed_out', 'killed'])) {
      const isOld = runs.now() - (finishedAt ?? 0) > VANISHED_KEPT_MS;
      if (isOld && files.realPath(directory) === null) runs.forget(id);
    }
  }

  function next(): void {
    running = check().catch((error: Error) => {
      if (error.message !== lastComplaint) log.warn(`orphaned runs cannot be looked for: ${error.message}`);
      lastComplaint = error.message;
    });
    void running.then(() => {
      if (cancel) cancel = clock.after(CHECK_INTERVAL_MS, next);
    });
  }

  function tellUnfinished(): void {
    if (!audit) return;
    try {
      for (const { at, planId, workerName, askedBy, pids } of audit.unfinishedKills()) {
        const when = new Date(at).toLocaleString();
        tell(
          `Ending ${workerName} (pid ${pids.join(', ')}), begun on ${when} ${askerWords(askedBy)}, was cut short: what became of it is not known`,
          null,
        );
        void audit.append({ at: clock.wallMs(), kind: 'kill_unfinished', planId }).catch(() => undefined);
      }
    } catch (error) {
      log.warn(`the audit log cannot be read: ${(error as Error).message}`);
    }
  }

  return {
    start() {
      cancel = () => undefined;
      tellUnfinished();
      next();
    },
    async stop() {
      cancel?.();
      cancel = null;
      await running;
    },
  };
}
