import type { HistoryRange } from '../../shared/model';

/** What stands along the time of a chart, ms on the wall clock. */
export interface TimeAxis {
  lines: number[];
  labels: { at: number; words: string }[];
}

/** A label needs so much of the width on either side. */
const LABEL_SHARE = 0.05;

/** Round times of day, here; of seven days the days, each named in its middle. */
export function timeAxis(range: HistoryRange, domain: [number, number]): TimeAxis {
  if (range === '7d') return days(domain);
  const lines = roundTimes(domain, range === '24h' ? 360 : 15);
  const margin = (domain[1] - domain[0]) * LABEL_SHARE;
  const labels = lines
    .filter((at) => at - domain[0] >= margin && domain[1] - at >= margin)
    .map((at) => ({ at, words: minuteOf(at) }));
  return { lines, labels };
}

/** The times of day that are a multiple of so many minutes after midnight. */
function roundTimes([start, end]: [number, number], stepMinutes: number): number[] {
  const at = new Date(start);
  at.setHours(0, 0, 0, 0);
  const times: number[] = [];
  // By the calendar's hours, which are not all of one length.
  for (; at.getTime() <= end; at.setMinutes(at.getMinutes() + stepMinutes)) {
    if (at.getTime() >= start) times.push(at.getTime());
  }
  return times;
}

/** Midnights as lines; a day of which less than half can be seen has no room for its name. */
function days(domain: [number, number]): TimeAxis {
  const [start, end] = domain;
  const lines = roundTimes(domain, 1440);
  const edges = [start, ...lines, end];
  const labels = edges.slice(1).flatMap((to, index) => {
    const from = edges[index] ?? start;
    if (to - from < 43_200_000) return [];
    const at = (from + to) / 2;
    return [{ at, words: weekdayOf(at) }];
  });
  return { lines, labels };
}

/**
 * When a stretch was, here: `10:15:20` of one shorter than a minute, else `10:15–10:19`; with its day where that is not
 * the day of `now`: `Tue 10:15–10:19`.
 */
export function stretchWords({ at, spanMs }: { at: number; spanMs: number }, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  const day = isToday ? '' : `${weekdayOf(at)} `;
  if (spanMs < 60_000) return day + new Date(at).toLocaleTimeString('en-GB');
  return `${day}${minuteOf(at)}–${minuteOf(at + spanMs)}`;
}

function minuteOf(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

function weekdayOf(at: number): string {
  return new Date(at).toLocaleDateString('en-GB', { weekday: 'short' });
}
