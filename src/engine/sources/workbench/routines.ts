import { Cron } from 'croner';
import { parse } from 'smol-toml';

/** What the routine that begins workbenches says of them. Pure: texts in, limits out. */

/** What a routine allows its workbenches, in seconds; null: it does not say. */
export interface RoutineLimits {
  maxRuntimeSecs: number | null;
  ttlSecs: number | null;
}

export interface Routine extends RoutineLimits {
  title: string | null;
}

/** More firings than this are not looked at, nor any a year after the first. */
const FIRINGS_MAX = 200;
const HORIZON_MS = 366 * 86_400_000;
const SCHEDULES_MAX = 50;
const SCHEDULE_MAX_LENGTH = 200;
// A leap year, from its beginning: the answer does not depend on when it is asked.
const HORIZON_START = Date.UTC(2024, 0, 1);

/**
 * Read a routine: its `routine.toml` and, where there is one, its `schedule.cron` (lines, with `#` for comments), which
 * goes before the schedule in the first. Its own values and the time between two of its firings can each only shorten.
 * Null where the first is no TOML.
 */
export function parseRoutine(toml: string, cron: string | null): Routine | null {
  const said = tableOf(toml);
  if (!said) return null;
  const lines = linesOf(cron ?? '');
  const schedules = lines.length ? lines : linesOf(typeof said.schedule === 'string' ? said.schedule : '');
  const gapSecs = shortestGapSecs(schedules);
  return {
    title: typeof said.title === 'string' ? said.title : null,
    maxRuntimeSecs: least(seconds(said.max_runtime_secs), gapSecs),
    ttlSecs: least(seconds(said.ttl_secs), gapSecs),
  };
}

/** The name of a routine as it stands in the names of its workbenches: `Fix the CI!` is `fix-the-ci`. */
export function slugOf(title: string): string {
  const slug = title
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .toLowerCase();
  return slug || 'routine';
}

/** The shortest time between two firings of all these cron expressions together; null where there are no two. */
export function shortestGapSecs(schedules: string[]): number | null {
  const crons = schedules.slice(0, SCHEDULES_MAX).flatMap(cronOf);
  const next = crons.map((cron) => firingAfter(cron, HORIZON_START));
  let shortest = Number.POSITIVE_INFINITY;
  let last: number | null = null;
  for (let fired = 0; fired < FIRINGS_MAX; fired += 1) {
    const firing = Math.min(...next);
    if (firing > HORIZON_START + HORIZON_MS) break;
    if (last !== null) shortest = Math.min(shortest, firing - last);
    last = firing;
    crons.forEach((cron, index) => {
      if (next[index] === firing) next[index] = firingAfter(cron, firing);
    });
  }
  return Number.isFinite(shortest) ? shortest / 1000 : null;
}

/** The shorter of two, where null is no limit. */
export function least(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

function tableOf(toml: string): Record<string, unknown> | null {
  try {
    return parse(toml);
  } catch {
    return null;
  }
}

/** Zero would make every run too long: it is no limit but a mistake. */
function seconds(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** None for `@reboot` and whatever is no cron expression. In UTC: no clock is set forward or back there. */
function cronOf(schedule: string): Cron[] {
  if (schedule.length > SCHEDULE_MAX_LENGTH) return [];
  try {
    return [new Cron(schedule, { utcOffset: 0, paused: true })];
  } catch {
    return [];
  }
}

function firingAfter(cron: Cron, time: number): number {
  return cron.nextRun(new Date(time))?.getTime() ?? Number.POSITIVE_INFINITY;
}
