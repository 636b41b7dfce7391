import { powerSaveBlocker } from 'electron';
import type { Snapshot } from '../shared/model';
import type { Settings } from '../shared/settings';

/** Keeps the machine from going to sleep by itself. Its screen may go dark, and a person can still send it to sleep. */
export interface KeepAwake {
  /** Hold on or let go, by how things are now. */
  update(snapshot: Snapshot): void;
  isOn(): boolean;
  /** Let go. */
  stop(): void;
}

export function createKeepAwake(settings: () => Settings): KeepAwake {
  let blocker: number | null = null;

  function letGo(): void {
    if (blocker !== null) powerSaveBlocker.stop(blocker);
    blocker = null;
  }

  return {
    update(snapshot) {
      if (!isWanted(snapshot, settings())) letGo();
      else blocker ??= powerSaveBlocker.start('prevent-app-suspension');
    },
    isOn: () => blocker !== null,
    stop: letGo,
  };
}

/** Who does not look cannot know that there is still work: while paused, nothing is held. */
function isWanted({ counts, paused }: Snapshot, { keepAwake }: Settings): boolean {
  return keepAwake && !paused && counts.busy > 0;
}
