import { isJudgedBySilence, type WorkerId, type WorkerRow } from '../../shared/model';
import { ageNow } from './ages';
import { rowSign, type Tone } from './words';

export const BARS_SHOWN = 8;

/** One worker of the heartbeat chart. */
export interface HeartbeatBar {
  id: WorkerId;
  name: string;
  ageMs: number;
  heartbeatMissingMs: number;
  heartbeatStaleMs: number;
  tone: Tone;
}

export interface HeartbeatBars {
  bars: HeartbeatBar[];
  /** Of all workers, not only of those shown: how many are over a threshold of theirs. */
  overThreshold: number;
  /** How many workers are judged by age at all. */
  judged: number;
}

/** The workers whose age counts, oldest sign first. Stopped and snoozed ones need no eye. */
export function oldestSigns(workers: readonly WorkerRow[]): WorkerRow[] {
  const oldest: WorkerRow[] = [];
  for (const row of workers) {
    if (!isJudged(row)) continue;
    const place = oldest.findIndex((other) => zeroAt(row) < zeroAt(other));
    if (place >= 0) oldest.splice(place, 0, row);
    else if (oldest.length < BARS_SHOWN) oldest.push(row);
    if (oldest.length > BARS_SHOWN) oldest.pop();
  }
  return oldest;
}

/** The chart's bars as of `now` (engine time). */
export function heartbeatBars(workers: readonly WorkerRow[], oldest: readonly WorkerRow[], now: number): HeartbeatBars {
  let overThreshold = 0;
  let judged = 0;
  for (const row of workers) {
    if (!isJudged(row)) continue;
    judged += 1;
    if (isOver(row, now)) overThreshold += 1;
  }
  return { bars: oldest.map((row) => toBar(row, now)), overThreshold, judged };
}

function toBar(row: WorkerRow, now: number): HeartbeatBar {
  return {
    id: row.id,
    name: row.name,
    ageMs: signAge(row, now),
    heartbeatMissingMs: row.heartbeatMissingMs,
    heartbeatStaleMs: row.heartbeatStaleMs,
    tone: rowSign(row).tone,
  };
}

function isJudged(row: WorkerRow): boolean {
  const hasAge = (row.heartbeatAgeMs ?? row.lifeAgeMs) !== null;
  return hasAge && isJudgedBySilence(row) && row.state !== 'stopped' && !row.snoozed;
}

/** By its newest sign of life, as the watchdog judges; the clocks of one that waits for a person stand still. */
function isOver(row: WorkerRow, now: number): boolean {
  const lifeAgeMs = ageNow(row.lifeAgeMs ?? row.heartbeatAgeMs, row.judgedAt, now) ?? 0;
  return row.state !== 'waiting' && lifeAgeMs > Math.min(row.heartbeatMissingMs, row.heartbeatStaleMs);
}

function signAge(row: WorkerRow, now: number): number {
  return ageNow(row.heartbeatAgeMs ?? row.lifeAgeMs, row.judgedAt, now) ?? 0;
}

/** When the last sign came: the order by age, which stands still while ages grow. */
function zeroAt(row: WorkerRow): number {
  return row.judgedAt - (row.heartbeatAgeMs ?? row.lifeAgeMs ?? 0);
}

/**
 * Where the chart's scale ends, ms: room for every bar and its thresholds, but at most four times the thresholds that
 * are usual, so that one worker that died long ago does not flatten the others.
 */
export function barScaleMs(bars: readonly HeartbeatBar[]): number {
  const limits = bars.map((bar) => Math.max(bar.heartbeatMissingMs, bar.heartbeatStaleMs)).sort((a, b) => a - b);
  const usual = limits[Math.floor((limits.length - 1) / 2)] ?? 0;
  const oldest = Math.max(0, ...bars.map((bar) => bar.ageMs));
  return Math.max(1, Math.min(usual * 4, Math.max(usual * 1.25, oldest)));
}

/** `30 s`, or `30 s to 2 min` where workers have thresholds of their own. */
export function thresholdRange(valuesMs: readonly number[], format: (ms: number) => string): string {
  if (!valuesMs.length) return '–';
  const low = Math.min(...valuesMs);
  const high = Math.max(...valuesMs);
  return low === high ? format(low) : `${format(low)} to ${format(high)}`;
}
