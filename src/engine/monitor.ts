import type { Focus } from '../shared/ipc';
import type {
  Delta,
  KillReceipt,
  MonitorEvent,
  RootStatus,
  Snapshot,
  SnapshotHead,
  WorkerId,
  WorkerReport,
} from '../shared/model';
import type { Settings } from '../shared/settings';
import { EventLog } from './event-log';
import { HeadCount } from './head-count';
import type { KillTarget, Monitor, RunCheck } from './monitor-types';
import { factsOf, type Instant, lastActivity, limitsOf, livedSince, wasSilentBefore } from './observe/facts';
import { overallOf, sentenceOf } from './observe/overall';
import { createStallClock, type Hold, type StallClock } from './observe/stall-clock';
import { transitionOf } from './observe/transitions';
import { judge, type Verdict } from './observe/watchdog';
import type { Clock, FileEvents, Files, Logger, MemoryProbe, ProcessTable } from './ports';
import { ProcessWatch } from './process-watch';
import { Publisher } from './publisher';
import { Pulse } from './pulse';
import { detailOf, reportOf, rowOf } from './rows';
import { checkRuns } from './run-check';
import { LookQueue } from './schedule/look-queue';
import { SlicedRun } from './schedule/slices';
import { createSources } from './sources/registry';
import type { Source } from './sources/source';
import { WatchBudget } from './watch-budget';
import { isBad, newRecord, type WorkerRecord } from './worker-record';

export interface MonitorPorts {
  clock: Clock;
  files: Files;
  fileEvents: FileEvents;
  processTable: ProcessTable;
  memoryProbe: MemoryProbe;
  log: Logger;
}

/** Our own heartbeat: later than this by 5 s, and verdicts hold. */
const TICK_MS = 2_000;
/** A sweep of many workers takes longer; it is spread so that it never takes more than a few percent of a core. */
const SWEEP_MS_A_WORKER = 12;
/** The first reading waits at most this long for files that are half-written or long. */
const FIRST_READING_MAX_MS = 2_000;
/** A new directory is often still being filled when its event comes. */
const DISCOVER_DELAY_MS = 100;
/** How often the reason of what is wrong is refreshed while it is not in view: the tray's tooltip shows one. */
const UNSEEN_BAD_MS = 10_000;
/** They are refreshed for this many workers; beyond, the sweep does. */
const FRESH_BAD_MAX = 200;
/** In a crowd, whoever is not in view is looked at again only when its threshold is this near, not when it is late. */
const CROWD = 1_000;
const NEAR_MS = 5_000;
/** Up to this many workers all have file events, so that the tray knows of new work at once. */
const WATCHED_WHOLE_MAX = 32;
/** After this many a worker's process is checked at its own looks alone, not at each tick. */
const TICKED_PROCESSES_MAX = 256;

/** Make a monitor. It does nothing before `start()`. `roots`: directories to look in, see the worker-directory source. */
export function createMonitor(ports: MonitorPorts, settings: Settings, roots: string[]): Monitor {
  return new WorkerMonitor(ports, settings, roots);
}

class WorkerMonitor implements Monitor {
  readonly #clock: Clock;
  readonly #records = new Map<WorkerId, WorkerRecord>();
  /** The stalled and dead among them. */
  readonly #bad = new Set<WorkerRecord>();
  readonly #sources: Source[];
  readonly #processes: ProcessWatch;
  readonly #publisher: Publisher;
  readonly #events: EventLog;
  readonly #counts = new HeadCount();
  readonly #stall: StallClock;
  readonly #pulse: Pulse;
  readonly #looks: LookQueue<WorkerId>;
  readonly #watches: WatchBudget<WorkerId | null>;
  readonly #sweeper: SlicedRun;
  readonly #timers = new Map<'tick' | 'sweep' | 'discover' | 'hold', () => void>();
  readonly #firstReading: Promise<void>;
  #firstRead: () => void = () => undefined;
  #settings: Settings;
  #focus: Focus = { visible: [], selected: null };
  #running = false;
  #paused = false;
  #held = false;
  #firstSweepDone = false;

  constructor(ports: MonitorPorts, settings: Settings, roots: string[]) {
    this.#clock = ports.clock;
    this.#settings = settings;
    this.#firstReading = new Promise((resolve) => {
      this.#firstRead = resolve;
    });
    this.#sources = createSources({ ...ports, clockSkewToleranceMs: () => this.#settings.clockSkewToleranceMs });
    for (const source of this.#sources) source.setRoots(roots);
    this.#processes = new ProcessWatch(ports.processTable, ports.clock);
    this.#publisher = new Publisher(ports.clock, {
      head: (seq) => this.#head(seq),
      row: (id) => this.#row(this.#records.get(id)),
      rows: () => [...this.#records.values()].flatMap((record) => this.#row(record) ?? []),
      detail: () => this.#detail(),
      events: () => this.#events.recent,
      series: () => this.#pulse.series,
    });
    this.#events = new EventLog(ports.clock, (event) => this.#publisher.event(event));
    this.#stall = createStallClock({ clock: ports.clock, wakeGraceMs: () => this.#settings.wakeGraceMs });
    this.#pulse = new Pulse(ports, settings, {
      workersRss: () => this.#workersRss(),
      onChange: (kind, text) => {
        this.#events.add(kind, null, text);
        this.#publisher.headChanged();
      },
    });
    this.#looks = new LookQueue(ports.clock, (id, depth) => this.#lookAt(id, depth));
    this.#watches = new WatchBudget(ports.fileEvents, (id, name) => this.#onFileEvent(id, name));
    this.#sweeper = new SlicedRun(ports.clock);
  }

  // ── life ──

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#stall.tick(TICK_MS);
    this.#tick();
    this.#startSweep();
  }

  stop(): void {
    this.#running = false;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#looks.clear();
    this.#sweeper.stop();
    this.#watches.close();
    this.#pulse.stop();
    this.#publisher.stop();
  }

  firstReading(): Promise<void> {
    return this.#firstReading;
  }

  configure(settings: Settings, roots: string[]): void {
    this.#settings = settings;
    this.#pulse.configure(settings);
    for (const source of this.#sources) source.setRoots(roots);
    for (const record of this.#records.values()) record.row = null;
    if (this.#running && !this.#paused) this.#restartSweep();
  }

  pause(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#publisher.headChanged();
    if (!this.#running) return;
    if (!paused) {
      this.#restartSweep();
      return;
    }
    // Who does not look must not call anything idle; the next sweep starts the pulse again.
    this.#pulse.stop();
    this.#looks.clear();
    this.#sweeper.stop();
    this.#watches.close();
    this.#cancel('sweep');
    this.#cancel('discover');
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
    return this.#publisher.snapshot();
  }

  subscribe(listener: (delta: Delta) => void): { snapshot: Snapshot; unsubscribe: () => void } {
    this.#sampleProcesses();
    return this.#publisher.subscribe(listener);
  }

  onEvent(listener: (event: MonitorEvent) => void): () => void {
    return this.#events.listen(listener);
  }

  onHead(listener: (snapshot: Snapshot) => void): () => void {
    return this.#publisher.onHead(listener);
  }

  report(id: WorkerId): WorkerReport | null {
    const record = this.#records.get(id);
    return record ? reportOf(record, limitsOf(this.#settings), this.#stall.windowStart()) : null;
  }

  roots(): RootStatus[] {
    return this.#sources.flatMap((source) => source.roots());
  }

  check(): RunCheck[] {
    const now = this.#now();
    const limits = limitsOf(this.#settings);
    const workers = [...this.#records.values()].map((record) => reportOf(record, limits, now.windowStart));
    return checkRuns(workers, this.roots(), now.at);
  }

  killTarget(id: WorkerId): KillTarget | null {
    const record = this.#records.get(id);
    return record ? targetOf(record) : null;
  }

  killTargets(): KillTarget[] {
    return [...this.#records.values()].flatMap((record) => targetOf(record) ?? []);
  }

  // ── what shells do ──

  focus(focus: Focus): void {
    this.#focus = focus;
    if (!this.#running || this.#paused) return;
    this.#assignWatches();
    for (const id of [focus.selected, ...focus.visible]) if (id !== null) this.#looks.soon(id, 'full');
    this.#publisher.detailChanged();
  }

  snooze(id: WorkerId, on: boolean): boolean {
    const record = this.#records.get(id);
    if (!record) return false;
    record.snoozed = on;
    this.#changed(record, true);
    return true;
  }

  noteReceipt(receipt: KillReceipt): void {
    this.#events.add('kill', this.#records.get(receipt.workerId) ?? null, receipt.summary);
    if (this.#running && !this.#paused) this.#looks.soon(receipt.workerId, 'full');
  }

  // ── looking ──

  #now(): Instant {
    return { monotonicMs: this.#clock.monotonicMs(), at: this.#clock.wallMs(), windowStart: this.#stall.windowStart() };
  }

  /** Look at one worker, judge it, and say when to look again. */
  #lookAt(id: WorkerId, depth: 'life' | 'full'): void {
    const record = this.#records.get(id);
    if (!record) return;
    this.#stall.tick(TICK_MS);
    this.#noteHold();
    if (!this.#read(record, depth)) return;
    const verdict = this.#judge(record);
    // Only a full look may change a verdict: the quick one sees no more than the heartbeat.
    if (depth === 'life' && (verdict.health !== record.verdict?.health || verdict.state !== record.verdict.state)) {
      this.#lookAt(id, 'full');
      return;
    }
    this.#settle(record, verdict);
  }

  /** False when the worker is gone. */
  #read(record: WorkerRecord, depth: 'life' | 'full'): boolean {
    const first = record.reading === null;
    const reading = record.source.look(record.id, first ? 'full' : depth);
    if (!reading) {
      this.#leave(record);
      return false;
    }
    record.reading = reading;
    if (reading.newActivity > 0) this.#pulse.noteTraffic(reading.newActivity);
    if (first) record.silentAtFirstSight = wasSilentBefore(reading, this.#now());
    else if (livedSince(reading, record.firstSeen.monotonicMs)) record.silentAtFirstSight = false;
    this.#processes.look(record, reading);
    return true;
  }

  #judge(record: WorkerRecord): Verdict {
    const { reading } = record;
    if (!reading) throw new Error(`${record.id} is judged before it was read`);
    const isCrowd = this.#records.size > CROWD && !this.#isFocused(record.id);
    const limits = limitsOf(this.#settings, isCrowd ? NEAR_MS : undefined);
    const judgeNow = () => judge(factsOf(record, reading, this.#now(), this.#stall.hold()?.reason ?? null), limits);
    const verdict = judgeNow();
    if (verdict.health === 'healthy' || verdict.health === 'unknown') return verdict;
    // Before silence is called anything, whoever holds the worker's files open is asked for: when it is late, since
    // that takes a while, and at the latest now.
    if (reading.claim || record.process.identity || !this.#processes.findHolders(record, this.#bad)) return verdict;
    return record.process.identity ? judgeNow() : verdict;
  }

  #settle(record: WorkerRecord, verdict: Verdict): void {
    const { reading } = record;
    const now = this.#now();
    record.judgedAt = now;
    const nextLookMs = this.#nextLookMs(record, verdict);
    const isLong = reading?.againInMs != null && !reading.doubtful;
    this.#looks.at(record.id, now.monotonicMs + nextLookMs, isLong ? 'full' : 'life');
    if (reading?.doubtful && !record.verdict) return; // Half-written at first sight: nothing is said of it yet.
    this.#apply(record, verdict, now);
  }

  #nextLookMs(record: WorkerRecord, verdict: Verdict): number {
    const again = record.reading?.againInMs ?? Number.POSITIVE_INFINITY;
    const isBad = verdict.health === 'stalled' || verdict.health === 'dead';
    if (!isBad || this.#isFocused(record.id)) return Math.min(again, verdict.nextLookMs);
    // Nobody looks at the age in its reason: file events tell of its recovery, and the sweep does.
    return Math.min(again, this.#bad.size > FRESH_BAD_MAX ? Number.POSITIVE_INFINITY : UNSEEN_BAD_MS);
  }

  #isFocused(id: WorkerId): boolean {
    return id === this.#focus.selected || this.#focus.visible.includes(id);
  }

  #apply(record: WorkerRecord, verdict: Verdict, now: Instant): void {
    const before = record.verdict;
    const stateChanged = before?.state !== verdict.state;
    if (stateChanged) {
      record.since = now.at;
      record.snoozed = false;
    }
    const event = transitionOf(before, verdict, { badSince: record.badSince, now: now.at });
    record.verdict = verdict;
    record.badSince = isBad(record) ? (record.badSince ?? now.at) : null;
    if (isBad(record)) this.#bad.add(record);
    else this.#bad.delete(record);
    this.#counts.move(before, verdict);
    // What was well when idlewatch first looked is no news.
    if (event && (this.#firstSweepDone || event.kind !== 'found')) this.#events.add(event.kind, record, event.text);
    this.#changed(record, stateChanged || (isBad(record) && before?.reason !== verdict.reason));
  }

  #changed(record: WorkerRecord, salient: boolean): void {
    record.row = null;
    this.#publisher.changed(record.id, salient ? 'salient' : this.#isFocused(record.id) ? 'seen' : 'unseen');
    if (record.id === this.#focus.selected) this.#publisher.detailChanged();
  }

  #leave(record: WorkerRecord): void {
    record.source.forget(record.id);
    this.#records.delete(record.id);
    this.#bad.delete(record);
    this.#looks.delete(record.id);
    this.#processes.forget(record);
    this.#counts.move(record.verdict, null);
    this.#events.add('left', record, 'Its directory is gone');
    this.#publisher.removed(record.id);
    if (record.id === this.#focus.selected) this.#publisher.detailChanged();
  }

  // ── sweeping ──

  #restartSweep(): void {
    this.#sweeper.stop();
    this.#startSweep();
  }

  #startSweep(): void {
    this.#cancel('sweep');
    const started = this.#sweeper.start(this.#sweep(), () => {
      if (!this.#firstSweepDone) this.#noteQuietSince();
      this.#firstSweepDone = true;
      this.#pulse.start();
      this.#firstRead();
      this.#assignWatches();
      this.#publisher.headChanged();
      const rest = Math.max(this.#settings.sweepIntervalMs, this.#records.size * SWEEP_MS_A_WORKER);
      this.#timer('sweep', rest, () => this.#startSweep());
    });
    // One sweep is under way already: the timer it sets at its end is enough.
    if (!started) return;
  }

  /** The workers' files tell how long all has been quiet: nobody has to wait for that to be seen. */
  #noteQuietSince(): void {
    let newestMs = Number.NEGATIVE_INFINITY;
    for (const { reading } of this.#records.values()) {
      const last = reading && lastActivity(reading);
      if (last) newestMs = Math.max(newestMs, last.monotonicMs);
    }
    this.#pulse.noteQuietSince(Number.isFinite(newestMs) ? this.#clock.monotonicMs() - newestMs : null);
  }

  *#sweep(): Generator<void, void, void> {
    const known = [...this.#records.keys()];
    yield* this.#discover();
    for (const id of known) {
      this.#lookAt(id, 'full');
      yield;
    }
    yield* this.#untilRead();
  }

  *#discover(): Generator<void, void, void> {
    for (const source of this.#sources) {
      yield* source.sweep({
        onFound: (id) => {
          this.#records.set(id, newRecord(id, source, this.#now()));
          this.#lookAt(id, 'full');
        },
        onLeft: (id) => {
          const record = this.#records.get(id);
          if (record) this.#leave(record);
        },
      });
    }
  }

  /** The first reading is whole once no heartbeat is in doubt and long files are counted, within reason. */
  *#untilRead(): Generator<void, void, void> {
    const until = this.#clock.monotonicMs() + FIRST_READING_MAX_MS;
    const isPartial = ({ id, verdict, reading }: WorkerRecord) =>
      this.#records.has(id) && (!verdict || reading?.againInMs != null);
    for (const record of [...this.#records.values()]) {
      while (isPartial(record) && this.#clock.monotonicMs() < until) {
        if (!record.reading?.doubtful) this.#lookAt(record.id, 'full');
        yield;
      }
    }
  }

  #onFileEvent(id: WorkerId | null, name: string | null): void {
    if (id === null) {
      if (!this.#timers.has('discover')) this.#timer('discover', DISCOVER_DELAY_MS, () => this.#discoverSoon());
      return;
    }
    const depth = this.#records.get(id)?.source.depthFor(id, name) ?? 'none';
    if (depth !== 'none') this.#looks.soon(id, depth);
  }

  #discoverSoon(): void {
    const started = this.#sweeper.start(this.#discover(), () => this.#assignWatches());
    if (!started) this.#timer('discover', DISCOVER_DELAY_MS, () => this.#discoverSoon());
  }

  #assignWatches(): void {
    const workers = [...this.#records.values()];
    const wanted = [this.#focus.selected, ...this.#focus.visible].flatMap((id) => this.#records.get(id ?? '') ?? []);
    const urgent = workers.filter((record) => isBad(record) || record.verdict?.state === 'busy');
    // A small team is watched whole. In a large one the quiet are left to their deadlines: a beat costs nothing then.
    const rest = workers.length <= WATCHED_WHOLE_MAX ? workers : [];
    const roots = this.#sources.flatMap((source) => source.rootDirectories());
    this.#watches.assign([
      ...roots.map((directory) => ({ directory, owner: null })),
      ...[...wanted, ...urgent, ...rest].flatMap((record) =>
        record.source.watchDirectories(record.id).map((directory) => ({ directory, owner: record.id })),
      ),
    ]);
  }

  // ── time ──

  #tick(): void {
    this.#timer('tick', TICK_MS, () => this.#tick());
    this.#stall.tick(TICK_MS);
    this.#noteHold();
    if (!this.#paused) {
      this.#checkProcesses();
      if (this.#publisher.hasListeners) this.#sampleProcesses();
    }
    this.#publisher.point(this.#pulse.sample());
    if (this.#focus.selected !== null) this.#publisher.detailChanged();
  }

  /** A process that ended is noticed at the next tick, not only when its worker's silence runs out. */
  #checkProcesses(): void {
    let checked = 0;
    for (const record of this.#records.values()) {
      if (!record.process.identity || !record.reading) continue;
      if (checked++ >= TICKED_PROCESSES_MAX) return;
      const { liveness, goneReadings } = record.process;
      this.#processes.look(record, record.reading);
      const isConfirmed = goneReadings === 1 && record.process.goneReadings > 1;
      if (record.process.liveness !== liveness || isConfirmed) this.#lookAt(record.id, 'full');
    }
  }

  #sampleProcesses(): void {
    const withProcess = [...this.#records.values()].filter((record) => record.process.identity);
    if (!withProcess.length) return;
    this.#processes.sample(withProcess);
    for (const record of withProcess) if (record.row === null) this.#publisher.changed(record.id, 'unseen');
  }

  #workersRss(): number | null {
    this.#sampleProcesses();
    let sum: number | null = null;
    for (const { usage } of this.#records.values()) if (usage) sum = (sum ?? 0) + usage.rssBytes;
    return sum;
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
    this.#timer('hold', Math.max(0, hold.untilMonotonicMs - this.#clock.monotonicMs()) + 1, () => {
      const next = this.#stall.hold();
      if (next) {
        this.#awaitHoldEnd(next);
        return;
      }
      this.#noteHold();
      if (!this.#paused) this.#restartSweep();
    });
  }

  #timer(name: 'tick' | 'sweep' | 'discover' | 'hold', delayMs: number, run: () => void): void {
    this.#cancel(name);
    this.#timers.set(
      name,
      this.#clock.after(delayMs, () => {
        this.#timers.delete(name);
        run();
      }),
    );
  }

  #cancel(name: 'tick' | 'sweep' | 'discover' | 'hold'): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }

  // ── pictures ──

  #row(record: WorkerRecord | undefined) {
    return record?.verdict ? rowOf(record, limitsOf(this.#settings), this.#stall.windowStart()) : null;
  }

  #detail() {
    const record = this.#records.get(this.#focus.selected ?? '');
    if (!record?.verdict) return null;
    return detailOf(record, limitsOf(this.#settings), this.#stall.windowStart(), this.#processes);
  }

  #needPerson(): number {
    let count = 0;
    for (const record of this.#bad) if (!record.snoozed) count += 1;
    return count;
  }

  #head(seq: number): SnapshotHead {
    const hold = this.#stall.hold();
    const { idle } = this.#pulse;
    const input = { counts: this.#counts.states, needPerson: this.#needPerson(), isIdle: idle.isIdle };
    return {
      seq,
      takenAt: this.#clock.wallMs(),
      overall: overallOf(input),
      sentence: sentenceOf(input),
      counts: { ...input.counts },
      paused: this.#paused,
      hold: hold && { reason: hold.reason, untilAt: hold.untilAt },
      idle,
      memory: this.#pulse.memory,
      roots: this.roots(),
    };
  }
}

function targetOf(record: WorkerRecord): KillTarget | null {
  const { reading } = record;
  if (!reading) return null;
  const { name, path, claim, files } = reading;
  return { workerId: record.id, workerName: name, path, claim, files };
}
