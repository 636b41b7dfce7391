import type { Logger } from '../ports';
import type { RunRegistry, RunSpool } from '../run-registry';

/**
 * Bring the final states that wait in the spool into the registry, so that no run stays `running` for ever. What the
 * registry still does not take stays in the spool, and is told. Never rejects.
 */
export async function reconcile(registry: RunRegistry, spool: RunSpool, log: Logger): Promise<void> {
  let waiting: ReturnType<RunSpool['waiting']>;
  try {
    waiting = spool.waiting();
  } catch (error) {
    log.warn(`Kept ends of runs cannot be read: ${wordsOf(error)}`);
    return;
  }
  for (const { id, change } of waiting) {
    try {
      if (registry.get(id)) await registry.change(id, () => change);
      else
        log.warn(`Run ${id} is not in the registry any more. Its kept end (${change.state ?? 'no state'}) is dropped.`);
      spool.drop(id);
    } catch (error) {
      log.warn(`The end of run ${id} is still kept in the spool: ${wordsOf(error)}`);
    }
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
