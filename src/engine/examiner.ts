import type { WorkerId } from '../shared/model';
import type { Settings } from '../shared/settings';
import type { Attention } from './attention';
import type { EventLog } from './event-log';
import type { InFlightWatch } from './in-flight-watch';
import type { ModelRequests } from './model-requests';
import { factsOf, type Instant, limitsOf, livedSince, wasSilentBefore } from './observe/facts';
import { inFlightFact } from './observe/in-flight';
import { transitionOf } from './observe/transitions';
import { isOverTime, isWrong, type Verdict } from './observe/verdict';
import { judge } from './observe/watchdog';
import type { KnownEnds, Logger, SnoozeBook } from './ports';
import type { ProcessWatch } from './process-watch';
import type { Publisher } from './publisher';
import type { Pulse } from './pulse';
import type { RollUp } from './roll-up';
import type { Roster } from './roster';
import type { Depth, LookQueue } from './schedule/look-queue';
import type { SilenceWatch } from './silence-watch';
import type { Reading } from './sources/source';
import { isBad, type WorkerRecord } from './worker-record';

/** How often the reason of what is wrong is refreshed while it is not in view: the tray's tooltip shows one. */
const UNSEEN_BAD_MS = 10_000;
/** They are refreshed for this many workers; beyond, the sweep does. */
const FRESH_BAD_MAX = 200;
/** In a crowd, whoever is not in view is looked at again only when its threshold is this near, not when it is late. */
export const CROWD = 256;
const NEAR_MS = 5_000;
/** A worker may look well at first, until its silence shows: it is in the state it was snoozed in within this time. */
const SNOOZE_FOUND_WITHIN_MS = 600_000;
/** After this many a worker's process is checked at its own looks alone, not at each tick. */
const TICKED_PROCESSES_MAX = 256;

export interface ExaminerParts {
  roster: Roster;
  attention: Attention;
  looks: LookQueue<WorkerId>;
  processes: ProcessWatch;
  rollUp: RollUp;
  inFlight: InFlightWatch;
  requests: ModelRequests;
  silences: SilenceWatch;
  pulse: Pulse;
  events: EventLog;
  publisher: Publisher;
  ends: KnownEnds;
  snoozes: SnoozeBook;
  log: Logger;
  settings: () => Settings;
  /** Now, after making sure that no standstill went unnoticed. */
  now: () => Instant;
  /** Why verdicts hold; null when they do not. */
  hold: () => string | null;
  /** A worker was found by a reading after the first. */
  tellsFound: () => boolean;
  /** A worker's state changed: who deserves file events may have, too. */
  onStateChange: () => void;
}

/** It would be stalled, were it not that its processes may be at work. */
function isInQuestion({ inFlight, reading }: WorkerRecord, verdict: Verdict): boolean {
  return !isWrong(verdict) && inFlightFact(inFlight, reading?.thinksSilently ?? false)?.isMeasured === false;
}

/** Looks at one worker: reads it, has it judged, says what changed and when to look again. */
export class Examiner {
  constructor(private readonly parts: ExaminerParts) {}

  look(id: WorkerId, depth: Depth): void {
    const record = this.parts.roster.get(id);
    if (!record) return;
    this.parts.now();
    if (!this.#read(record, depth)) return;
    const verdict = this.#judge(record);
    // Only a full look may change a verdict: the quick one sees no more than the heartbeat.
    if (depth === 'life' && (verdict.health !== record.verdict?.health || verdict.state !== record.verdict.state)) {
      this.look(id, 'full');
      return;
    }
    this.#settle(record, verdict);
  }

  /** Something of a row changed. `salient`: the tray shows it too. */
  changed(record: WorkerRecord, salient: boolean): void {
    const { attention, publisher } = this.parts;
    record.row = null;
    publisher.changed(record.id, salient ? 'salient' : attention.has(record.id) ? 'seen' : 'unseen');
    if (attention.isSelected(record.id)) publisher.detailChanged();
  }

  /** The worker is there no more, with the reason. */
  leave(record: WorkerRecord, why: string): void {
    const { roster, looks, processes, events, publisher, attention } = this.parts;
    record.source.forget(record.id);
    roster.remove(record);
    this.parts.silences.forget(record.id);
    this.parts.requests.forget(record.id);
    looks.delete(record.id);
    processes.forget(record);
    events.add('left', record, why);
    publisher.removed(record.id);
    if (attention.isSelected(record.id)) publisher.detailChanged();
  }

  /** A process that ended is noticed at the next tick, not only when its worker's silence runs out. */
  checkProcesses(): void {
    let checked = 0;
    for (const record of this.parts.roster.all()) {
      if (!record.process.identity || !record.reading) continue;
      if (checked++ >= TICKED_PROCESSES_MAX) return;
      const { liveness, goneReadings } = record.process;
      this.parts.processes.look(record, record.reading);
      const isConfirmed = goneReadings === 1 && record.process.goneReadings > 1;
      if (record.process.liveness !== liveness || isConfirmed) this.look(record.id, 'full');
    }
  }

  /** False when the worker is gone. */
  #read(record: WorkerRecord, depth: Depth): boolean {
    const first = record.reading === null;
    let reading: Reading | null;
    try {
      reading = record.source.look(record.id, first ? 'full' : depth);
    } catch (error) {
      // Whatever is the matter with one worker must not keep the others from being looked at.
      this.parts.log.warn(`${record.id} could not be read: ${error instanceof Error ? error.message : error}`);
      return false;
    }
    if (!reading) {
      this.leave(record, 'Its directory is gone');
      return false;
    }
    record.reading = this.parts.requests.seenIn(reading);
    if (first || depth === 'full') record.readInFullMs = this.parts.now().monotonicMs;
    if (first) record.keepAlive = this.parts.settings().keepAlive.includes(record.id);
    for (const notice of reading.notices) this.parts.events.add('notice', record, notice);
    if (reading.newActivity > 0) this.parts.pulse.noteTraffic(reading.newActivity);
    if (first) record.silentAtFirstSight = wasSilentBefore(reading, this.parts.now());
    else if (livedSince(reading, record.firstSeen.monotonicMs)) record.silentAtFirstSight = false;
    this.parts.processes.look(record, reading);
    this.parts.rollUp.look(record);
    return true;
  }

  #judge(record: WorkerRecord): Verdict {
    const { reading } = record;
    const { roster, attention, processes, now, hold, settings } = this.parts;
    if (!reading) throw new Error(`${record.id} is judged before it was read`);
    const isInCrowd = roster.size > CROWD && !attention.has(record.id);
    const limits = limitsOf(settings(), isInCrowd ? NEAR_MS : undefined);
    const facts = () => factsOf(record, reading, now(), hold());
    const judgeShown = () => judge({ ...facts(), inFlight: null }, limits);
    const verdict = judgeShown();
    if (verdict.health === 'healthy' || verdict.health === 'unknown') {
      record.inFlight = null;
      return verdict;
    }
    if (isWrong(verdict) && this.#wasEndedElsewhere(record)) return judgeShown();
    if (isWrong(verdict) && record.process.liveness === 'gone') processes.findLeftBehind(record);
    // Before silence is called anything, whoever holds the worker's files open is asked for: when it is late, since
    // that takes a while, and at the latest now.
    const isFound = !reading.claim && !record.process.identity && processes.findHolders(record, roster.bad);
    const shown = isFound && record.process.identity ? judgeShown() : verdict;
    // What it shows is judged; what its processes do, only where that alone would make it stalled.
    this.parts.inFlight.look(record, isOverTime(shown));
    return isOverTime(shown) ? judge(facts(), limits) : shown;
  }

  /** Another program of idlewatch has ended it, or this one before it was started anew. True where that was not known. */
  #wasEndedElsewhere(record: WorkerRecord): boolean {
    if (record.process.liveness === 'alive') return false;
    const { ends } = this.parts;
    const at = ends.endedAt(record.id) ?? (record.runsIn?.workerId ? ends.endedAt(record.runsIn.workerId) : null);
    if (at === null || (record.ended && at <= record.ended.at)) return false;
    const now = this.parts.now();
    record.ended = { at, monotonicMs: now.monotonicMs - Math.max(0, now.at - at) };
    record.source.ended?.(record.id);
    return true;
  }

  #settle(record: WorkerRecord, verdict: Verdict): void {
    const { reading } = record;
    const now = this.parts.now();
    record.judgedAt = now;
    const isLong = reading?.againInMs != null && !reading.doubtful;
    const wrong = isWrong(verdict);
    // Recovery may show in any file, silence only in the heartbeat.
    const depth = isLong || wrong ? 'full' : 'life';
    this.parts.looks.at(record.id, now.monotonicMs + this.#nextLookMs(record, verdict), depth);
    // Half-written at first sight, or whether it is at work is being found out: nothing is said of it yet.
    if (!record.verdict && (reading?.doubtful || isInQuestion(record, verdict))) return;
    this.parts.silences.judged(record, verdict, now);
    this.#apply(record, verdict, now);
  }

  /** A snooze ends when its worker changes; that idlewatch was started anew is no change. */
  #followSnooze(record: WorkerRecord, { state }: Verdict, wasSnoozed: boolean, now: Instant): void {
    const { snoozes } = this.parts;
    if (wasSnoozed) snoozes.drop(record.id);
    if (!isBad(record) || now.monotonicMs - record.firstSeen.monotonicMs > SNOOZE_FOUND_WITHIN_MS) return;
    const kept = snoozes.find(record.id, state);
    if (!kept || (kept.untilAt !== null && kept.untilAt <= now.at)) return;
    record.snoozed = true;
    record.snoozedUntil =
      kept.untilAt === null ? null : { at: kept.untilAt, monotonicMs: now.monotonicMs + kept.untilAt - now.at };
  }

  #nextLookMs(record: WorkerRecord, verdict: Verdict): number {
    const { attention, roster } = this.parts;
    const again = record.reading?.againInMs ?? Number.POSITIVE_INFINITY;
    if (!isWrong(verdict) || attention.has(record.id)) return Math.min(again, verdict.nextLookMs);
    // Nobody looks at the age in its reason: file events tell of its recovery, and the sweep does.
    return Math.min(again, roster.bad.size > FRESH_BAD_MAX ? Number.POSITIVE_INFINITY : UNSEEN_BAD_MS);
  }

  #apply(record: WorkerRecord, verdict: Verdict, now: Instant): void {
    const before = record.verdict;
    const event = transitionOf(before, verdict, { badSince: record.badSince, now: now.at });
    const wasSnoozed = record.snoozed;
    const stateChanged = this.parts.roster.judged(record, verdict, now);
    if (stateChanged) this.#followSnooze(record, verdict, wasSnoozed, now);
    record.strip.note(verdict, now.monotonicMs);
    // What was well when idlewatch first looked is no news.
    const isNews = event && (event.kind !== 'found' || this.parts.tellsFound());
    if (isNews) this.parts.events.add(event.kind, record, event.text);
    if (stateChanged) this.parts.onStateChange();
    this.changed(record, stateChanged || (isBad(record) && before?.reason !== verdict.reason));
  }
}
