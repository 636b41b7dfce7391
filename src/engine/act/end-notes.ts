import { askerWords } from '../../shared/asker-words';
import type { KillReceipt } from '../../shared/model';
import type { KillTarget } from '../monitor-types';
import type { RunRegistry } from '../run-registry';
import type { Asking } from './kill';

/** Writes into a workbench what became of it. */
export interface WorkbenchNotes {
  /** Append one line to its agent.log and write `killed` to its exit_code. */
  ended(path: string, line: string): Promise<void>;
}

/** What others should know of an end by our hand, for `createKiller`. */
export interface EndNotes {
  onIntent(target: KillTarget, asking: Asking): Promise<void>;
  onEnded(target: KillTarget, receipt: KillReceipt): Promise<void>;
}

/**
 * The supervisor of a run is told beforehand, through the registry, so that it says `killed` and not `failed`; in a
 * workbench a line is left afterwards.
 */
export function createEndNotes({ runs, workbenches }: { runs: RunRegistry; workbenches: WorkbenchNotes }): EndNotes {
  return {
    async onIntent({ source, workerId }, { askedBy, why }) {
      if (source !== 'supervised-run' || askedBy === 'supervisor') return;
      const runId = workerId.slice(`${source}:`.length);
      await runs.change(runId, () => ({ endRequested: `ended ${askerWords(askedBy)} (${why})` }));
    },
    async onEnded({ source, path }, { ended, askedBy, why }) {
      if (source === 'workbench' && ended) {
        await workbenches.ended(path, `[idlewatch] ended ${askerWords(askedBy)}: ${why}`);
      }
    },
  };
}
