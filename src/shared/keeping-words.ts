import { harmless, plural } from './format';
import type { KeepingStatus } from './model';

/** `What happens cannot be kept (history.db: the disk is full): 42 events wait.`; null: all is well. */
export function keepingWords({ failing, waiting }: KeepingStatus): string | null {
  if (failing === null) return null;
  const wait = waiting ? plural(waiting, 'event waits', 'events wait') : 'no event waits';
  return `What happens cannot be kept (${harmless(failing, 300)}): ${wait}.`;
}
