/** What one /proc/<pid>/stat says, in the kernel's own units. */
export interface StatFields {
  pid: number;
  /** The kernel's short name of the program, 15 bytes at most, as the program set it: may hold anything. */
  name: string;
  /** One letter: R S D T t Z X I … */
  state: string;
  ppid: number;
  pgid: number;
  sessionId: number;
  /** Threads that are not yet gone, the first one included. */
  threads: number;
  /** User and system time used, clock ticks. */
  cpuTicks: number;
  /** Start, clock ticks since boot, as text: it is an identity before it is a number. */
  startTicks: string;
  rssPages: number;
}

/**
 * Read one /proc/<pid>/stat. The name stands in parentheses and may itself hold parentheses, spaces and line breaks, so
 * the fields are counted from the last `)`. Null where the text is not such a line (cut short, empty).
 */
export function parseStat(data: Uint8Array): StatFields | null {
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const open = text.indexOf(0x28);
  const close = text.lastIndexOf(0x29);
  if (open < 1 || close < open) return null;
  const rest = text
    .toString('latin1', close + 1)
    .trim()
    .split(' ');
  // `rest` begins with field 3 of proc_pid_stat(5).
  const field = (number: number) => rest[number - 3] ?? '';
  const whole = (number: number) => (/^-?\d+$/.test(field(number)) ? Number(field(number)) : Number.NaN);
  const fields: StatFields = {
    pid: Number(text.toString('latin1', 0, open).trim()),
    name: text.toString('utf8', open + 1, close),
    state: field(3),
    ppid: whole(4),
    pgid: whole(5),
    sessionId: whole(6),
    threads: whole(20),
    cpuTicks: whole(14) + whole(15),
    startTicks: field(22),
    rssPages: whole(24),
  };
  const numbers = [fields.pid, fields.ppid, fields.pgid, fields.sessionId, fields.threads, fields.cpuTicks];
  if (!numbers.every(Number.isSafeInteger) || !Number.isSafeInteger(fields.rssPages)) return null;
  return /^\d+$/.test(fields.startTicks) && /^[A-Za-z]$/.test(fields.state) ? fields : null;
}

/**
 * Whether the process has ended and only waits to be reaped. A first thread that has ended shows as `Z` while other
 * threads of the same process still run: that process lives.
 */
export function hasEnded(fields: StatFields): boolean {
  return /^[Xx]$/.test(fields.state) || (fields.state === 'Z' && fields.threads <= 1);
}
