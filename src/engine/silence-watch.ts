import { natureOf, type Silence, type WorkerId } from '../shared/model';
import type { Settings } from '../shared/settings';
import { type Instant, limitsOf, silentForMs } from './observe/facts';
import { inFlightFact } from './observe/in-flight';
import { clocksOf, type SilentClock } from './observe/silence-clocks';
import type { Verdict } from './observe/verdict';
import { isReachable } from './rows';
import { beginSilence, followSilence, type OpenSilence, silenceOf } from './silence';
import type { Moment, Reading } from './sources/source';
import type { WorkerRecord } from './worker-record';

/** Which clocks a rule of the watchdog goes by: only those may begin to be watched. */
const CLOCKS_OF_RULE: Partial<Record<number, readonly Silence['clock'][]>> = {
  7: ['command'],
  9: ['missing', 'stale'],
  10: ['missing', 'stale'],
  11: ['missing', 'stale', 'run_time'],
  13: ['run_time'],
};

type End = Pick<Silence, 'end'> & { at: Moment };

/**
 * Tells of silences that came near a threshold, each once it is over: what a backtest goes by. Costs nothing for those
 * that show life: a silence is followed from the moment on in which its worker is late.
 */
export class SilenceWatch {
  readonly #listeners = new Set<(silence: Silence) => void>();
  readonly #open = new Map<WorkerId, { record: WorkerRecord; silences: Map<Silence['clock'], OpenSilence> }>();

  constructor(private readonly settings: () => Settings) {}

  listen(listener: (silence: Silence) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A worker was read and judged. */
  judged(record: WorkerRecord, verdict: Verdict, now: Instant): void {
    const { reading } = record;
    const begins = beginningWith(verdict, reading);
    const known = this.#open.get(record.id);
    // What holds, or cannot be read, tells nothing.
    if (!reading || verdict.rule <= 1 || (!known && !begins.length)) return;
    const clocks = clocksOf(reading, now, limitsOf(this.settings()));
    const silences = known?.silences ?? new Map<Silence['clock'], OpenSilence>();
    this.#follow(silences, clocks, record, verdict, now);
    for (const clock of clocks) {
      const isNew = clock.isNear && begins.includes(clock.clock) && !silences.has(clock.clock);
      if (isNew && !isExcused(record, verdict, clock))
        silences.set(clock.clock, this.#begin(clock, record, reading, now));
    }
    if (silences.size) this.#open.set(record.id, { record, silences });
    else this.#open.delete(record.id);
  }

  #begin(clock: SilentClock, record: WorkerRecord, reading: Reading, now: Instant): OpenSilence {
    return beginSilence(clock, now, {
      intervalMs: reading.intervalMs,
      excusedUntil: excuseAt(reading, now, this.settings()),
      process: record.process.identity,
      couldEnd: isReachable(record),
    });
  }

  #follow(
    silences: Map<Silence['clock'], OpenSilence>,
    clocks: readonly SilentClock[],
    record: WorkerRecord,
    verdict: Verdict,
    now: Instant,
  ): void {
    for (const silence of [...silences.values()]) {
      const current = clocks.find(({ clock }) => clock === silence.clock) ?? null;
      const end = endOf(silence, current, record, verdict, now);
      if (end) {
        silences.delete(silence.clock);
        this.#tell(record, silence, end, now);
      } else if (current) {
        followSilence(silence, current, { now, isExcused: isExcused(record, verdict, current) });
        silence.couldEnd ||= isReachable(record);
      }
    }
  }

  /** The worker is watched no more, and nobody will know how it went on. */
  forget(id: WorkerId): void {
    this.#open.delete(id);
  }

  /** Watching stops: what is silent now is told of as it stands, and anew if it still is when watching goes on. */
  rest(now: Instant): void {
    for (const { record, silences } of this.#open.values()) {
      for (const silence of silences.values()) this.#tell(record, silence, { end: 'unknown', at: now }, now);
    }
    this.#open.clear();
  }

  #tell(record: WorkerRecord, silence: OpenSilence, { end, at }: End, now: Instant): void {
    const told = silenceOf(silence, { end, at, now });
    if (!told) return;
    const worker = {
      workerId: record.id,
      workerName: record.reading?.name ?? record.id,
      source: record.source.kind,
    };
    for (const listener of this.#listeners) listener({ ...worker, ...told });
  }
}

/** While a command runs its own time counts, and no other silence. */
function beginningWith({ health, rule }: Verdict, reading: Reading | null): readonly Silence['clock'][] {
  if (health === 'healthy' || health === 'unknown') return [];
  const clocks = CLOCKS_OF_RULE[rule] ?? [];
  return reading?.command ? clocks.filter((clock) => clock === 'command' || clock === 'run_time') : clocks;
}

/** How and when a silence ended; null: it lasts. `current`: its clock now; null: the worker has none such any more. */
function endOf(
  silence: OpenSilence,
  current: SilentClock | null,
  record: WorkerRecord,
  verdict: Verdict,
  now: Instant,
): End | null {
  const { reading, ended, source } = record;
  const wasEnded = ended !== null && ended.monotonicMs >= silence.base.monotonicMs;
  if (verdict.state === 'stopped') return { end: wasEnded ? 'ended' : (toldEnd(reading) ?? 'finished'), at: now };
  // The process, or whoever watched over it.
  if (verdict.rule === 3 || verdict.rule === 12) return { end: wasEnded ? 'ended' : 'gone', at: now };
  if (!current) {
    const isDone = reading?.declared === 'ready' && natureOf(source.kind) === 'session';
    return { end: toldEnd(reading) ?? (isDone ? 'finished' : 'life'), at: now };
  }
  const { base } = current;
  if (base.at === silence.base.at || base.monotonicMs <= silence.base.monotonicMs) return null;
  // Another process in its place: the one that was silent is no more.
  return { end: isAnother(silence.process, record.process.identity) ? 'gone' : 'life', at: base };
}

/** As its source tells. A time limit is a person's word: whoever reaches it was ended. */
function toldEnd(reading: Reading | null): Silence['end'] | undefined {
  return reading?.howEnded === 'timed_out' ? 'ended' : reading?.howEnded;
}

function isAnother(before: OpenSilence['process'], after: OpenSilence['process']): boolean {
  return before !== null && after !== null && (before.pid !== after.pid || before.startTime !== after.startTime);
}

/** It is silent for too long and nobody holds it against it: it is at work unseen, waits, or asked for it. */
function isExcused({ inFlight, reading }: WorkerRecord, { health }: Verdict, { isNear }: SilentClock): boolean {
  if (!isNear || health === 'stalled' || health === 'dead') return false;
  const seen = inFlightFact(inFlight, reading?.thinksSilently ?? false);
  return seen ? seen.isMeasured : health !== 'late';
}

/** Until when its silence so far was no fault; null: it was one all along. */
function excuseAt(reading: Reading, now: Instant, { requestSilenceMs }: Settings): number | null {
  const askedMs = silentForMs(reading, now);
  const excuses = [
    askedMs === null ? null : Math.min(now.at, now.at + askedMs),
    reading.request && Math.min(now.at, reading.request.at + requestSilenceMs),
  ].filter((at) => at !== null);
  return excuses.length ? Math.max(...excuses) : null;
}
