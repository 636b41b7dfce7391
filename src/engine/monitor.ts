import type { Focus, Snooze } from '../shared/ipc';
import type {
  Delta,
  Figures,
  HealthStrip,
  KeepingStatus,
  KillReceipt,
  LoggedEvent,
  PolicyStatus,
  ReapReceipt,
  RootStatus,
  Silence,
  Snapshot,
  SnapshotHead,
  WorkerDetail,
  WorkerId,
  WorkerReport,
  WorkerRow,
} from '../shared/model';
import type { Settings } from '../shared/settings';
import { Attention, type Viewer } from './attention';
import { EventLog } from './event-log';
import { Examiner } from './examiner';
import { IdleRounds } from './idle-rounds';
import { InFlightWatch } from './in-flight-watch';
import { ModelRequests } from './model-requests';
import type {
  IdleItems,
  KillTarget,
  Monitor,
  MonitorView,
  NotedKind,
  OpenRequest,
  RunCheck,
  WatchedRoots,
} from './monitor-types';
import { type Instant, lastActivity, limitsOf } from './observe/facts';
import { overallOf, sentenceOf } from './observe/overall';
import { createStallClock, type Hold, type StallClock } from './observe/stall-clock';
import type {
  Clock,
  FileEvents,
  Files,
  ForeignTables,
  Http,
  KnownEnds,
  Logger,
  MemoryProbe,
  Multiplexer,
  ProcessTable,
  SnoozeBook,
} from './ports';
import { ProcessWatch } from './process-watch';
import { Publisher } from './publisher';
import { Pulse } from './pulse';
import { Refresher } from './refresher';
import { Roster } from './roster';
import { detailOf, reportOf, rowOf } from './rows';
import { checkRuns } from './run-check';
import type { RunRegistry } from './run-registry';
import { LookQueue } from './schedule/look-queue';
import { SilenceWatch } from './silence-watch';
import { createSources } from './sources/registry';
import type { Leftover, Moment, Source } from './sources/source';
import { Sweep } from './sweep';
import { Timers } from './timers';
import type { WorkerRecord } from './worker-record';

export interface MonitorPorts {
  clock: Clock;
  files: Files;
  fileEvents: FileEvents;
  processTable: ProcessTable;
  memoryProbe: MemoryProbe;
  multiplexer: Multiplexer;
  http: Http;
  tables: ForeignTables;
  runs: RunRegistry;
  ends: KnownEnds;
  snoozes: SnoozeBook;
  /** Where the routines that begin workbenches are kept, whether or not it exists. */
  routinesDirectory: string;
  log: Logger;
}

/** Our own heartbeat: later than this by 5 s, and verdicts hold. */
const TICK_MS = 2_000;
/** File events are spent anew this long after a state changed: states often change together. */
const ASSIGN_DELAY_MS = 500;

/**
 * Make a monitor. It does nothing before `start()`. `roots`: where each source looks; `lastEventId`: of the newest event
 * that was kept before.
 */
export function createMonitor(ports: MonitorPorts, settings: Settings, roots: WatchedRoots, lastEventId = 0): Monitor {
  return new WorkerMonitor(ports, settings, roots, lastEventId);
}

/** Whoever looks without a view of their own. */
const ITSELF: Viewer = Symbol('the monitor itself');

/** Puts the parts together: sweep and events → examiner → roster → publisher. Knows when to do what, and no more. */
class WorkerMonitor implements Monitor {
  readonly #clock: Clock;
  readonly #roster = new Roster();
  readonly #snoozes: SnoozeBook;
  readonly #sources: Source[];
  readonly #processes: ProcessWatch;
  readonly #publisher: Publisher;
  readonly #events: EventLog;
  readonly #stall: StallClock;
  readonly #pulse: Pulse;
  readonly #looks: LookQueue<WorkerId>;
  readonly #attention: Attention;
  readonly #examiner: Examiner;
  readonly #sweep: Sweep;
  readonly #refresher: Refresher;
  readonly #idleRounds: IdleRounds;
  readonly #timers: Timers<'tick' | 'hold' | 'assign'>;
  readonly #firstReading: Promise<void>;
  #firstRead: () => void = () => undefined;
  #settings: Settings;
  #running = false;
  #paused = false;
  #held = false;
  #hasRead = false;
  readonly #requests: ModelRequests;
  readonly #silences = new SilenceWatch(() => this.#settings);
  readonly #figuresListeners = new Set<(figures: Figures) => void>();
  #policy: PolicyStatus = { armed: false, heldBack: null, breaker: null };
  #keeping: KeepingStatus = { failing: null, waiting: 0 };

  constructor(ports: MonitorPorts, settings: Settings, roots: WatchedRoots, lastEventId: number) {
    const { clock, fileEvents, processTable } = ports;
    this.#clock = clock;
    this.#snoozes = ports.snoozes;
    this.#settings = settings;
    this.#firstReading = new Promise((resolve) => {
      this.#firstRead = resolve;
    });
    this.#timers = new Timers(clock);
    this.#sources = createSources({ ...ports, settings: () => this.#settings });
    for (const source of this.#sources) source.setRoots(roots[source.kind] ?? []);
    this.#processes = new ProcessWatch(processTable, clock);
    const published = {
      head: (seq: number) => this.#head(seq),
      row: (id: WorkerId) => this.#row(this.#roster.get(id)),
      rows: () => [...this.#roster.all()].flatMap((record) => this.#row(record) ?? []),
      detail: (viewer: Viewer) => this.#detail(viewer),
      events: () => this.#events.recent,
      series: () => this.#pulse.series,
    };
    this.#publisher = new Publisher(clock, published, ITSELF);
    this.#events = new EventLog(clock, (event) => this.#publisher.event(event), lastEventId);
    this.#stall = createStallClock({ clock, wakeGraceMs: () => this.#settings.wakeGraceMs });
    this.#pulse = new Pulse(ports, settings, {
      workersRss: () => this.#workersRss(),
      onChange: (kind, text) => {
        this.#events.add(kind, null, text);
        this.#publisher.headChanged();
      },
    });
    const roster = this.#roster;
    const sources = this.#sources;
    const now = () => this.#now();
    this.#looks = new LookQueue(clock, (id, depth) => this.#examiner.look(id, depth));
    const looks = this.#looks;
    this.#attention = new Attention({
      ...{ fileEvents, roster, looks, sources },
      onRootEvent: () => this.#sweep.discoverSoon(),
    });
    this.#requests = new ModelRequests(clock, this.#roster, (id, count) => {
      this.#pulse.noteRequests(count);
      if (id !== null && this.#isLooking) looks.soon(id, 'full');
    });
    const inFlight = new InFlightWatch(processTable, clock, () => roster.all());
    this.#examiner = new Examiner({
      ...{
        roster,
        looks,
        now,
        log: ports.log,
        ends: ports.ends,
        snoozes: ports.snoozes,
        attention: this.#attention,
        processes: this.#processes,
        inFlight,
        requests: this.#requests,
        silences: this.#silences,
      },
      ...{ pulse: this.#pulse, events: this.#events, publisher: this.#publisher },
      settings: () => this.#settings,
      hold: () => this.#stall.hold()?.reason ?? null,
      tellsFound: () => this.#hasRead,
      onStateChange: () => this.#assignSoon(),
    });
    this.#sweep = new Sweep({
      ...{ clock, sources, roster, now, examiner: this.#examiner, log: ports.log },
      intervalMs: () => this.#settings.sweepIntervalMs,
      onDone: () => this.#afterSweep(),
      onDiscovered: () => this.#attention.assign(),
    });
    this.#idleRounds = new IdleRounds({
      ...{ clock, roster, now, events: this.#events },
      settings: () => this.#settings,
      isHeld: () => this.#stall.hold() !== null,
      changed: (record) => this.#examiner.changed(record, false),
    });
    this.#refresher = new Refresher(clock, sources, {
      changed: (ids) => {
        for (const id of ids) this.#looks.soon(id, 'full');
      },
      appeared: () => this.#sweep.discoverSoon(),
    });
  }

  // ── life ──

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#tick();
    this.#begin();
  }

  stop(): void {
    this.#running = false;
    this.#rest();
    this.#timers.clear();
    this.#publisher.stop();
  }

  firstReading(): Promise<void> {
    return this.#firstReading;
  }

  configure(settings: Settings, roots: WatchedRoots): void {
    this.#settings = settings;
    this.#pulse.configure(settings);
    for (const source of this.#sources) source.setRoots(roots[source.kind] ?? []);
    for (const record of this.#roster.all()) {
      record.keepAlive = settings.keepAlive.includes(record.id);
      this.#examiner.changed(record, false);
    }
    if (this.#idleRounds.isRunning) this.#idleRounds.start();
    if (this.#isLooking) this.#begin();
  }

  pause(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#publisher.headChanged();
    if (!this.#running) return;
    if (paused) this.#rest();
    else this.#begin();
  }

  suspend(): void {
    this.#stall.suspend();
  }

  resume(): void {
    this.#stall.resume();
    this.#noteHold();
  }

  // ── what shells see ──

  snapshot(): Snapshot {
    return this.#publisher.snapshot(ITSELF);
  }

  subscribe(listener: (delta: Delta) => void): { snapshot: Snapshot; unsubscribe: () => void } {
    this.#sampleProcesses();
    return this.#publisher.subscribe(listener, ITSELF);
  }

  view(listener: (delta: Delta) => void): MonitorView {
    const viewer = Symbol('a view');
    this.#sampleProcesses();
    const unsubscribe = this.#publisher.listen(listener, viewer);
    return {
      snapshot: () => this.#publisher.snapshot(viewer),
      focus: (focus) => this.#focus(viewer, focus),
      close: () => {
        unsubscribe();
        this.#attention.set(viewer, null);
        if (this.#isLooking) this.#attention.assign();
      },
    };
  }

  onEvent(listener: (event: LoggedEvent) => void): () => void {
    return this.#events.listen(listener);
  }

  onFigures(listener: (figures: Figures) => void): () => void {
    this.#figuresListeners.add(listener);
    return () => void this.#figuresListeners.delete(listener);
  }

  onSilence(listener: (silence: Silence) => void): () => void {
    return this.#silences.listen(listener);
  }

  onHead(listener: (snapshot: Snapshot) => void): () => void {
    return this.#publisher.onHead(listener);
  }

  strips(ids: readonly WorkerId[]): Record<WorkerId, HealthStrip> {
    const { monotonicMs } = this.#now();
    const known = ids.flatMap((id) => this.#roster.get(id) ?? []);
    return Object.fromEntries(known.map(({ id, strip }) => [id, strip.read(monotonicMs)]));
  }

  report(id: WorkerId): WorkerReport | null {
    const record = this.#roster.get(id);
    return record ? reportOf(record, limitsOf(this.#settings), this.#stall.windowStart()) : null;
  }

  idleItems(): IdleItems {
    return this.#idleRounds.items();
  }

  roots(): RootStatus[] {
    return this.#sources.flatMap((source) => source.roots());
  }

  logPath(id: WorkerId): string | null {
    const record = this.#roster.get(id);
    const tail = record?.source.logTail(id, 1);
    return record?.reading && tail ? tail.path : null;
  }

  check(): RunCheck[] {
    const limits = limitsOf(this.#settings);
    const windowStart = this.#stall.windowStart();
    const workers = [...this.#roster.all()].map((record) => reportOf(record, limits, windowStart));
    return checkRuns(workers, this.roots(), this.#clock.wallMs());
  }

  killTarget(id: WorkerId): KillTarget | null {
    const record = this.#roster.get(id);
    return record ? targetOf(record) : null;
  }

  killTargets(): KillTarget[] {
    return [...this.#roster.all()].flatMap((record) => targetOf(record) ?? []);
  }

  leftovers(): Leftover[] {
    return this.#sources.flatMap((source) => source.leftovers?.() ?? []);
  }

  async whyNotFinished(id: WorkerId): Promise<string | null> {
    const source = this.#sources.find(({ kind }) => id.startsWith(`${kind}:`));
    return source?.whyNotFinished ? source.whyNotFinished(id) : 'its kind is never removed';
  }

  // ── what shells do ──

  focus(focus: Focus): void {
    this.#focus(ITSELF, focus);
  }

  #focus(viewer: Viewer, focus: Focus): void {
    if (!this.#isLooking) {
      this.#attention.set(viewer, focus);
      return;
    }
    this.#attention.focus(viewer, focus);
    this.#publisher.detailChanged();
  }

  snooze(id: WorkerId, snooze: Snooze): boolean {
    const record = this.#roster.get(id);
    if (!record) return false;
    record.snoozed = snooze !== 'off';
    record.snoozedUntil = untilOf(snooze, this.#now());
    if (record.snoozed && record.verdict) {
      this.#snoozes.note(id, record.verdict.state, record.snoozedUntil?.at ?? null);
    } else this.#snoozes.drop(id);
    this.#examiner.changed(record, true);
    return true;
  }

  noteReceipt(receipt: KillReceipt): void {
    const record = this.#roster.get(receipt.workerId);
    if (record && receipt.ended) {
      record.ended = this.#now();
      record.source.ended?.(record.id);
    }
    this.#events.add(receipt.ended ? 'kill_ended' : 'kill_failed', record ?? null, receipt.summary, receipt);
    if (this.#isLooking) this.#looks.soon(receipt.workerId, 'full');
  }

  noteReap(receipt: ReapReceipt): void {
    this.#events.add('reap', null, receipt.summary, receipt);
    if (this.#isLooking) this.#sweep.discoverSoon();
  }

  noteEvent(kind: NotedKind, id: WorkerId | null, text: string, data?: unknown): void {
    this.#events.add(kind, this.#roster.get(id) ?? null, text, data);
  }

  noteKeeping(status: KeepingStatus): void {
    this.#keeping = status;
    this.#publisher.headChanged();
  }

  notePing(count = 1): void {
    this.#pulse.noteTraffic(count);
  }

  openRequest(worker: string | null): OpenRequest {
    return this.#requests.open(worker);
  }

  get isIdleButForRequests(): boolean {
    return this.#pulse.isIdleButForRequests;
  }

  notePolicy(status: PolicyStatus): void {
    this.#policy = status;
    this.#publisher.headChanged();
  }

  suggest(id: WorkerId, reason: string | null): void {
    const record = this.#roster.get(id);
    if (!record || record.suggestion === reason) return;
    record.suggestion = reason;
    this.#examiner.changed(record, true);
  }

  noteTimedOut(id: WorkerId, text: string): void {
    const record = this.#roster.get(id);
    if (!record) return;
    this.#idleRounds.noteTimedOut(record);
    this.#events.add('session_timed_out', record, text);
  }

  lookNow(id: WorkerId): WorkerReport | null {
    this.#examiner.look(id, 'full');
    const record = this.#roster.get(id);
    if (record) this.#idleRounds.refresh(record);
    return this.report(id);
  }

  // ── when to do what ──

  get #isLooking(): boolean {
    return this.#running && !this.#paused;
  }

  /** Begin to look: first what only others can tell, then everything. */
  #begin(): void {
    this.#sweep.stop();
    const asked = this.#refresher.start();
    if (!asked) this.#sweep.start();
    else void asked.then(() => this.#isLooking && this.#sweep.start());
  }

  /** Stop looking. Who does not look must not call anything idle: the next sweep starts the pulse again. */
  #rest(): void {
    this.#silences.rest(this.#instant());
    this.#pulse.stop();
    this.#idleRounds.stop();
    this.#looks.clear();
    this.#refresher.stop();
    this.#sweep.stop();
    this.#attention.close();
    this.#timers.cancel('assign');
  }

  #tick(): void {
    this.#timers.set('tick', TICK_MS, () => this.#tick());
    this.#now();
    if (!this.#paused) {
      this.#examiner.checkProcesses();
      this.#endSnoozes();
      if (this.#publisher.hasListeners) this.#sampleProcesses();
    }
    this.#noteFigures();
    if (this.#attention.hasSelection) this.#publisher.detailChanged();
  }

  #noteFigures(): void {
    const point = this.#pulse.sample();
    this.#publisher.point(point);
    const { busy, waiting, stalled, dead } = this.#roster.counts.states;
    for (const listener of this.#figuresListeners) listener({ ...point, busy, waiting, wrong: stalled + dead });
  }

  #endSnoozes(): void {
    const now = this.#clock.monotonicMs();
    for (const record of this.#roster.bad) {
      if (record.snoozedUntil && record.snoozedUntil.monotonicMs <= now) this.snooze(record.id, 'off');
    }
  }

  #afterSweep(): void {
    if (!this.#hasRead) this.#noteQuietSince();
    this.#hasRead = true;
    this.#pulse.start();
    if (!this.#idleRounds.isRunning) this.#idleRounds.start();
    this.#firstRead();
    this.#attention.assign();
    this.#publisher.headChanged();
  }

  /** The workers' files tell how long all has been quiet: nobody has to wait for that to be seen. */
  #noteQuietSince(): void {
    let newestMs = Number.NEGATIVE_INFINITY;
    for (const { reading } of this.#roster.all()) {
      const last = reading && lastActivity(reading);
      if (last) newestMs = Math.max(newestMs, last.monotonicMs);
    }
    this.#pulse.noteQuietSince(Number.isFinite(newestMs) ? this.#clock.monotonicMs() - newestMs : null);
  }

  #assignSoon(): void {
    // The first sweep does so at its end.
    if (this.#hasRead && this.#isLooking && !this.#timers.has('assign')) {
      this.#timers.set('assign', ASSIGN_DELAY_MS, () => this.#attention.assign());
    }
  }

  /** Now, after making sure that no standstill of ours went unnoticed. */
  #now(): Instant {
    this.#stall.tick(TICK_MS);
    this.#noteHold();
    return this.#instant();
  }

  #instant(): Instant {
    return {
      monotonicMs: this.#clock.monotonicMs(),
      at: this.#clock.wallMs(),
      windowStart: this.#stall.windowStart(),
      stoodStillMs: this.#stall.stoodStillMs,
    };
  }

  /** Verdicts begin or cease to hold: say so, and look at everything again once they do not. */
  #noteHold(): void {
    const hold = this.#stall.hold();
    if ((hold !== null) === this.#held) return;
    this.#held = hold !== null;
    if (hold) {
      this.#events.add('held', null, `Verdicts hold: ${hold.reason}`);
      this.#awaitHoldEnd(hold);
    }
    this.#publisher.headChanged();
  }

  /** A hold may begin anew while it lasts: everything is looked at again only when the last of them ends. */
  #awaitHoldEnd(hold: Hold): void {
    this.#timers.set('hold', Math.max(0, hold.untilMonotonicMs - this.#clock.monotonicMs()) + 1, () => {
      const next = this.#stall.hold();
      if (next) {
        this.#awaitHoldEnd(next);
        return;
      }
      this.#noteHold();
      if (this.#isLooking) this.#begin();
    });
  }

  // ── pictures ──

  #sampleProcesses(): void {
    const records = this.#roster.withProcess();
    if (records.length || this.#processes.rssBytes !== null) this.#processes.sample(records);
    for (const record of records) if (record.row === null) this.#publisher.changed(record.id, 'unseen');
  }

  #workersRss(): number | null {
    this.#sampleProcesses();
    return this.#processes.rssBytes;
  }

  #row(record: WorkerRecord | undefined): WorkerRow | null {
    return record?.verdict ? rowOf(record, limitsOf(this.#settings), this.#stall.windowStart()) : null;
  }

  #detail(viewer: Viewer): WorkerDetail | null {
    const record = this.#roster.get(this.#attention.selectedBy(viewer));
    if (!record?.verdict) return null;
    this.#idleRounds.readTasks(record);
    return detailOf(record, limitsOf(this.#settings), this.#stall.windowStart(), this.#processes);
  }

  #head(seq: number): SnapshotHead {
    const hold = this.#stall.hold();
    const { idle, memory } = this.#pulse;
    const { counts, needPerson } = this.#roster;
    const input = { counts: counts.states, needPerson, isIdle: idle.isIdle };
    return {
      seq,
      takenAt: this.#clock.wallMs(),
      overall: overallOf(input),
      sentence: sentenceOf(input),
      counts: { ...input.counts },
      paused: this.#paused,
      hold: hold && { reason: hold.reason, untilAt: hold.untilAt },
      idle,
      memory,
      policy: this.#policy,
      keeping: this.#keeping,
      roots: this.roots(),
    };
  }
}

function targetOf(record: WorkerRecord): KillTarget | null {
  const { reading } = record;
  if (!reading) return null;
  const { name, path, claim, session, files, abort } = reading;
  return { workerId: record.id, workerName: name, source: record.source.kind, path, claim, session, files, abort };
}

const SNOOZE_MS: Record<Snooze, number | null> = { off: null, until_change: null, '15min': 900_000, '1h': 3_600_000 };

function untilOf(snooze: Snooze, now: Instant): Moment | null {
  const lengthMs = SNOOZE_MS[snooze];
  return lengthMs === null ? null : { monotonicMs: now.monotonicMs + lengthMs, at: now.at + lengthMs };
}
