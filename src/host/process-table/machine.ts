import { endianness } from 'node:os';
import { readProc } from './proc-file';

const AT_PAGESZ = 6;
const AT_CLKTCK = 17;

/** The kernel's units, as it hands them to every program. */
export interface MachineUnits {
  /** Clock ticks a second, the unit of times in /proc/<pid>/stat. */
  ticksPerSecond: number;
  pageBytes: number;
}

/**
 * Read the units from /proc/self/auxv, where the kernel puts what `getconf CLK_TCK` and `getconf PAGESIZE` print. Where
 * it cannot be read: 100 and 4096, which hold on every architecture Node runs on but for the page size of some ARM and
 * POWER kernels.
 */
export function machineUnits(): MachineUnits {
  const read = readProc('/proc/self/auxv', 16_384);
  const found = read.ok ? auxiliaryValues(read.data, wordBytes()) : new Map<number, number>();
  return { ticksPerSecond: found.get(AT_CLKTCK) || 100, pageBytes: found.get(AT_PAGESZ) || 4096 };
}

function wordBytes(): 4 | 8 {
  return process.arch === 'ia32' || process.arch === 'arm' ? 4 : 8;
}

/** The pairs of an auxiliary vector whose values fit a number. */
export function auxiliaryValues(data: Buffer, word: 4 | 8): Map<number, number> {
  const big = endianness() === 'BE';
  const at = (offset: number): number => {
    if (word === 4) return big ? data.readUInt32BE(offset) : data.readUInt32LE(offset);
    return Number(big ? data.readBigUInt64BE(offset) : data.readBigUInt64LE(offset));
  };
  const values = new Map<number, number>();
  for (let offset = 0; offset + 2 * word <= data.length; offset += 2 * word) values.set(at(offset), at(offset + word));
  return values;
}

/** A step of the wall clock beyond this makes the time of boot be read again. */
const CLOCK_STEP_MS = 100;

/**
 * Returns a function that says when the machine booted, by the wall clock as it stands now, in whole seconds (the kernel
 * cuts the fraction, so it reads up to 1 s early); null where it cannot be read. Setting the wall clock moves it.
 *
 * It is /proc/stat's btime and not "now less /proc/uptime", because containers show an uptime of their own. Reading
 * /proc/stat is dear on large machines, so the answer is kept until wall and monotonic clock move apart.
 */
export function createBootClock(): () => number | null {
  let known: { bootMs: number; wallLessMonotonicMs: number } | null = null;
  return () => {
    const wallLessMonotonicMs = Date.now() - performance.now();
    if (known && Math.abs(known.wallLessMonotonicMs - wallLessMonotonicMs) <= CLOCK_STEP_MS) return known.bootMs;
    const read = readProc('/proc/stat', 4 * 1024 * 1024);
    const seconds = read.ok ? /^btime (\d+)$/m.exec(read.data.toString('latin1'))?.[1] : undefined;
    if (seconds === undefined) return null;
    known = { bootMs: Number(seconds) * 1000, wallLessMonotonicMs };
    return known.bootMs;
  };
}
