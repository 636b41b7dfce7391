import type { Snapshot, WorkerRow, WorkerState } from '../shared/model';
import { type Shown, shownAs } from '../shared/state-words';

/** A shape, and its colour as terminals number and as status bars name it. */
export interface Sign {
  shape: string;
  ansi: number;
  color: 'red' | 'yellow' | 'blue' | 'green' | 'plain' | 'grey';
}

/** The same shapes and colours as in the window. */
export const SIGNS: Record<WorkerState, Sign> = {
  stalled: { shape: '■', ansi: 31, color: 'red' },
  dead: { shape: '✕', ansi: 31, color: 'red' },
  waiting: { shape: '◆', ansi: 33, color: 'yellow' },
  busy: { shape: '●', ansi: 34, color: 'blue' },
  starting: { shape: '◐', ansi: 34, color: 'blue' },
  ready: { shape: '○', ansi: 32, color: 'green' },
  stopped: { shape: '–', ansi: 2, color: 'grey' },
};

export const OVERALL_SIGNS: Record<Snapshot['overall'], Sign> = {
  stalled: SIGNS.stalled,
  busy: SIGNS.busy,
  idle: SIGNS.ready,
};

/** Of single workers: plain where the work failed, or it is not known how they are. */
export const ROW_SIGNS: Record<Shown, Sign> = {
  ...SIGNS,
  failed: { shape: '×', ansi: 39, color: 'plain' },
  unknown: { shape: '?', ansi: 39, color: 'plain' },
};

export function rowSign(row: WorkerRow): Sign {
  return ROW_SIGNS[shownAs(row)];
}
