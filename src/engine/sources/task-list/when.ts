/** Times as task lists write them, whatever wrote them. Pure. */

/** `none`: nothing is said; `odd`: something that is no time. */
export type When = { kind: 'at'; at: number } | { kind: 'none' } | { kind: 'odd' };

const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:([Tt ]+)(\d{2}:\d{2}(?::\d{2})?)([.,]\d+)?)?\s*([Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$/;
const NUMBER = /^\d+(\.\d+)?$/;
/** As in mails and HTTP headers: `Sat, 31 Jan 2026 12:00:00 GMT`. */
const SPELLED_OUT = /^[A-Za-z]{3}.*(GMT|UTC|[+-]\d{4})$/;
/** SQLite's own functions write a space, thousandths at most, and always UTC. */
const SQLITE_FRACTION_DIGITS = 3;
const DAY_MS = 86_400_000;

/**
 * A time in seconds, milliseconds, microseconds or nanoseconds since the epoch (a number or its text), or in words with
 * or without a zone. What leaves open which moment is meant is taken as the latest that is not after `now`: a list is
 * no reason to call a task older than it may be.
 */
export function timeIn(value: unknown, now: number, toleranceMs: number): When {
  if (value === null || value === undefined || value === '' || value === 0) return { kind: 'none' };
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string') return { kind: 'odd' };
  const text = value.trim();
  if (text === '') return { kind: 'none' };
  return NUMBER.test(text) ? fromEpoch(Number(text)) : fromWords(text, now + toleranceMs);
}

const UNITS = [
  { below: 1e11, perMs: 1e-3 },
  { below: 1e14, perMs: 1 },
  { below: 1e17, perMs: 1e3 },
  { below: 1e20, perMs: 1e6 },
];
/** 1973: earlier numbers are no times, but numbers of something. */
const EARLIEST = 1e8;

function fromEpoch(value: number): When {
  if (value === 0) return { kind: 'none' };
  const unit = value >= EARLIEST ? UNITS.find(({ below }) => value < below) : undefined;
  return unit ? { kind: 'at', at: value / unit.perMs } : { kind: 'odd' };
}

function fromWords(text: string, latest: number): When {
  const found = ISO.exec(text);
  if (!found) return SPELLED_OUT.test(text) ? known(Date.parse(text)) : { kind: 'odd' };
  const [, day, space, clock, fraction = '', zone] = found;
  if (clock === undefined) return zone ? { kind: 'odd' } : someTimeOf(Date.parse(`${day}T00:00:00Z`), latest);
  const time = `${day}T${clock}${fraction.replace(',', '.').slice(0, 4)}`;
  if (zone) return known(Date.parse(`${time}${offsetOf(zone)}`));
  const utc = Date.parse(`${time}Z`);
  const local = Date.parse(time);
  const isUtc = space?.trim() === '' && fraction.length - 1 <= SQLITE_FRACTION_DIGITS;
  const [first, second] = isUtc ? [utc, local] : [local, utc];
  return known(first > latest && second <= latest ? second : first);
}

function offsetOf(zone: string): string {
  return /^[+-]/.test(zone) ? `${zone}${zone.length === 3 ? ':00' : ''}` : 'Z';
}

function someTimeOf(day: number, latest: number): When {
  return known(day > latest ? day : Math.min(day + DAY_MS, latest));
}

function known(at: number): When {
  return Number.isNaN(at) ? { kind: 'odd' } : { kind: 'at', at };
}
