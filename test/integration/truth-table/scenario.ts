import type { WatchedRoots } from '../../../src/engine/monitor-types';
import type { SourceKind } from '../../../src/shared/model';
import type { Settings } from '../../../src/shared/settings';
import type { Truth, World } from './world';

/** From this second on a person who knows would say that the worker `is` …; until the next. */
export interface Said {
  from: number;
  is: Truth;
  /** How long idlewatch may take to say so too, in seconds: a threshold and one check interval. 5 unless given. */
  within?: number;
}

/** What happens to one worker, and what a person would say of it all along. */
export interface Scenario {
  name: string;
  kind: SourceKind;
  /** `scripted`, or the program and version it was captured from. */
  origin: string;
  /** Part of the worker's path or id: the row that is judged. */
  worker: string;
  roots(world: World): WatchedRoots;
  settings?: Partial<Settings> | ((world: World) => Partial<Settings>);
  /** What there is before idlewatch looks for the first time. */
  before?(world: World): void;
  /** Called every second, from 0 on. */
  each?(world: World, second: number): unknown;
  /** What happens at single seconds. */
  at?: Record<number, (world: World) => void>;
  truth: Said[];
  /** It ends at this second. */
  until: number;
}

/** Every so many seconds, within `from` and `to`. */
export function every(seconds: number, second: number, from = 0, to = Number.POSITIVE_INFINITY): boolean {
  return second >= from && second < to && (second - from) % seconds === 0;
}
