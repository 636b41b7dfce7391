import type { ProcessFact, SocketFact } from '../ports';

/**
 * Whether a worker that shows nothing is at work nevertheless: it waits for a model with a connection open, and its
 * processes use processor time as what arrives is read. Pure: samples in, evidence out.
 */

/**
 * Share of one core from which on a process counts as at work. Measured over windows of 10 s on a slow machine, after the
 * first seconds of each program (in which Node.js compiles: 1 to 3 %), in percent of a core:
 *
 * | hangs on a connection on which nothing comes | | reads a stream of pieces of JSON | |
 * |---|---|---|---|
 * | Node.js, Python: no timer, kept-alive connection | 0 – 0.3 | 1 a second | 0.02 – 0.1 |
 * | a timer each second; each 100 ms | 0.04 – 0.1; 0.15 – 0.5 | 5 a second | 0.1 – 0.7 |
 * | a heartbeat each second; each 200 ms | 0.1 – 0.5; 0.3 – 0.7 | 20 a second | Python 0.5, Node.js 1.0 – 1.1 |
 * | a spinner drawn each 100 ms; each 16 ms | 0.2 – 0.5; 0.9 – 1.3 | 50 a second, as models write | 1.1 – 1.2, 1.8 – 2.4 |
 *
 * A loop without end uses 100, an agent that redraws its screen as it reads 3 and more. What trickles in more slowly cannot
 * be told from a timer by this and needs another sign of life. A spinner on a dead connection cannot be told from an answer
 * either: that is why a worker that only this holds off is late, and why it does so no longer than the watchdog's ceiling.
 */
export const AT_WORK_PERCENT = 0.8;
/** And this much in all: systems count in steps of 10 ms, one of which says nothing of a short window. */
const AT_WORK_LEAST_MS = 20;
/** Whether it is at work is found out anew over each such window. */
const WINDOW_MS = 10_000;
/** Where nothing was measured before, less must do: nobody waits longer to hear of a worker found silent. */
export const FIRST_WINDOW_MS = 1_500;

/** Processor time used by the processes of a worker's tree up to a moment, by process. */
export interface TreeSample {
  monotonicMs: number;
  /** The worker's own process among them; the others it has started. */
  root: string;
  /** Share of one core from which on they count as at work. */
  atWorkPercent: number;
  cpuMs: ReadonlyMap<string, number>;
}

/** What is known so far of a worker that shows nothing. */
export interface InFlight {
  /** Where the present window began. */
  base: TreeSample;
  /** It was asked whether it is at work; else only the window has begun. */
  isAsked: boolean;
  /** Of the last sample. */
  monotonicMs: number;
  at: number;
  /** Of one core, over the last window; null: nothing was measured for long enough yet. */
  cpuPercent: number | null;
  /** A window was measured whole. */
  isWhole: boolean;
  /** It used more than what comes by itself. */
  isUsingCpu: boolean;
  /** What it has started did so by itself: a command is at work, and not only whoever waits for it. */
  isUsingCpuBelow: boolean;
  /** Connections to others that were open then; 0 also where nobody had to ask. */
  connections: number;
}

/** A sample taken in time, before anything has to be known: the window begins. */
export function beginInFlight(sample: TreeSample, at: number): InFlight {
  const { monotonicMs } = sample;
  return {
    ...{ base: sample, monotonicMs, at },
    ...{ isAsked: false, cpuPercent: null, isWhole: false },
    ...{ isUsingCpu: false, isUsingCpuBelow: false, connections: 0 },
  };
}

/**
 * Go on with a new sample. `countConnections` is asked only where the answer matters: the processes are at work, or it is
 * not known yet.
 */
export function followInFlight(
  before: InFlight,
  sample: TreeSample,
  at: number,
  countConnections: () => number,
): InFlight {
  const { base } = before;
  const elapsedMs = sample.monotonicMs - base.monotonicMs;
  const isWhole = elapsedMs >= WINDOW_MS;
  const isMeasured = isWhole || (!before.isWhole && elapsedMs >= FIRST_WINDOW_MS);
  const next = { ...before, isAsked: true, monotonicMs: sample.monotonicMs, at };
  if (isMeasured) {
    const used = usedBetween(base, sample);
    next.cpuPercent = (used.allMs / elapsedMs) * 100;
    const isWork = (ms: number) => (ms / elapsedMs) * 100 >= sample.atWorkPercent && ms >= AT_WORK_LEAST_MS;
    next.isUsingCpu = isWork(used.allMs);
    next.isUsingCpuBelow = isWork(used.belowMs);
    next.isWhole ||= isWhole;
    if (isWhole) next.base = sample;
  }
  const matters = next.isUsingCpu || next.cpuPercent === null;
  return { ...next, connections: matters ? countConnections() : 0 };
}

/** What the watchdog has to know of it; null: it is not at work. */
export interface InFlightFact {
  /** False: it may be, and is being found out. */
  isMeasured: boolean;
  connections: number;
  /** What it has started is at work by itself. */
  isBelow: boolean;
}

/** `thinksSilently`: processor time of what it has started counts without a connection, see Reading. */
export function inFlightFact(known: InFlight | null, thinksSilently: boolean): InFlightFact | null {
  if (!known?.isAsked) return null;
  const { cpuPercent, isUsingCpu, isUsingCpuBelow, connections } = known;
  const isMeasured = cpuPercent !== null;
  if (connections === 0 && !(thinksSilently && (isUsingCpuBelow || !isMeasured))) return null;
  return isUsingCpu || !isMeasured ? { isMeasured, connections, isBelow: isUsingCpuBelow } : null;
}

/** Of the same processes, and all of those that were started since. */
function usedBetween(base: TreeSample, sample: TreeSample): { allMs: number; belowMs: number } {
  let [allMs, belowMs] = [0, 0];
  for (const [key, cpuMs] of sample.cpuMs) {
    const usedMs = Math.max(0, cpuMs - (base.cpuMs.get(key) ?? 0));
    allMs += usedMs;
    if (key !== sample.root) belowMs += usedMs;
  }
  return { allMs, belowMs };
}

/** Names one process of a sample for good. */
export function keyOf({ pid, startTime }: Pick<ProcessFact, 'pid' | 'startTime'>): string {
  return `${pid} ${startTime}`;
}

/**
 * How many of these sockets of one tree are connections that it opened to others. Not those others opened to it: a server
 * has them whether or not it works. Nor those from one process of the tree to the other.
 */
export function countOpened(sockets: readonly SocketFact[]): number {
  const listening = new Set(sockets.filter(({ state }) => state === 'listening').map(({ localPort }) => localPort));
  return sockets.filter(
    ({ state, localPort, localAddress, remotePort, remoteAddress }) =>
      state === 'established' &&
      !listening.has(localPort) &&
      !(localAddress === remoteAddress && listening.has(remotePort)),
  ).length;
}
