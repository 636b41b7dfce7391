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
  WorkerId,
  WorkerReport,
} from '../shared/model';
import type { Settings } from '../shared/settings';
import { targetOf } from './kill-target';
import type {
  IdleItems,
  KillTarget,
  Monitor,
  MonitorView,
  NotedKill,
  NotedKind,
  OpenRequest,
  RunCheck,
  WatchedRoots,
} from './monitor-types';
import type { Leftover } from './sources/source';
import { type MonitorParts, type MonitorPorts, wire } from './wiring';

export type { MonitorPorts } from './wiring';

/**
 * Make a monitor. It does nothing before `start()`. `roots`: where each source looks; `lastEventId`: of the newest event
 * that was kept before.
 */
export function createMonitor(ports: MonitorPorts, settings: Settings, roots: WatchedRoots, lastEventId = 0): Monitor {
  return new WorkerMonitor(ports, settings, roots, lastEventId);
}

/** Hands every question and every word to the part it is for, and no more; how they work together: wiring.ts. */
class WorkerMonitor implements Monitor {
  readonly #parts: MonitorParts;
  #settings: Settings;

  constructor(ports: MonitorPorts, settings: Settings, roots: WatchedRoots, lastEventId: number) {
    this.#settings = settings;
    this.#parts = wire(ports, () => this.#settings, lastEventId);
    this.#setRoots(roots);
  }

  // ── life ──

  start(): void {
    this.#parts.life.start();
  }

  stop(): void {
    this.#parts.life.stop();
  }

  firstReading(): Promise<void> {
    return this.#parts.life.firstReading;
  }

  configure(settings: Settings, roots: WatchedRoots): void {
    const { pulse, roster, examiner, idleRounds, life } = this.#parts;
    this.#settings = settings;
    pulse.configure(settings);
    this.#setRoots(roots);
    for (const record of roster.all()) {
      record.keepAlive = settings.keepAlive.includes(record.id);
      examiner.changed(record, false);
    }
    if (idleRounds.isRunning) idleRounds.start();
    life.beginAnew();
  }

  #setRoots(roots: WatchedRoots): void {
    for (const source of this.#parts.sources) source.setRoots(roots[source.kind] ?? []);
  }

  pause(paused: boolean): void {
    this.#parts.life.pause(paused);
  }

  suspend(): void {
    this.#parts.holding.suspend();
  }

  resume(): void {
    this.#parts.holding.resume();
  }

  // ── what shells see ──

  snapshot(): Snapshot {
    return this.#parts.views.snapshot();
  }

  subscribe(listener: (delta: Delta) => void): { snapshot: Snapshot; unsubscribe: () => void } {
    return this.#parts.views.subscribe(listener);
  }

  view(listener: (delta: Delta) => void): MonitorView {
    return this.#parts.views.open(listener);
  }

  focus(focus: Focus): void {
    this.#parts.views.focus(focus);
  }

  onEvent(listener: (event: LoggedEvent) => void): () => void {
    return this.#parts.events.listen(listener);
  }

  onFigures(listener: (figures: Figures) => void): () => void {
    return this.#parts.figures.listen(listener);
  }

  onSilence(listener: (silence: Silence) => void): () => void {
    return this.#parts.silences.listen(listener);
  }

  onHead(listener: (snapshot: Snapshot) => void): () => void {
    return this.#parts.publisher.onHead(listener);
  }

  strips(ids: readonly WorkerId[]): Record<WorkerId, HealthStrip> {
    return this.#parts.pictures.strips(ids);
  }

  report(id: WorkerId): WorkerReport | null {
    return this.#parts.pictures.report(id);
  }

  check(): RunCheck[] {
    return this.#parts.pictures.check();
  }

  roots(): RootStatus[] {
    return this.#parts.pictures.roots();
  }

  idleItems(): IdleItems {
    return this.#parts.idleRounds.items();
  }

  get isIdleButForRequests(): boolean {
    return this.#parts.pulse.isIdleButForRequests;
  }

  lookNow(id: WorkerId): WorkerReport | null {
    const { roster, examiner, idleRounds } = this.#parts;
    examiner.look(id, 'full');
    const record = roster.get(id);
    if (record) idleRounds.refresh(record);
    return this.report(id);
  }

  // ── what acting needs to know ──

  logPath(id: WorkerId): string | null {
    const record = this.#parts.roster.get(id);
    const tail = record?.source.logTail(id, 1);
    return record?.reading && tail ? tail.path : null;
  }

  killTarget(id: WorkerId): KillTarget | null {
    const record = this.#parts.roster.get(id);
    return record ? targetOf(record) : null;
  }

  killTargets(): KillTarget[] {
    return [...this.#parts.roster.all()].flatMap((record) => targetOf(record) ?? []);
  }

  leftovers(): Leftover[] {
    return this.#parts.sources.flatMap((source) => source.leftovers?.() ?? []);
  }

  async whyNotFinished(id: WorkerId): Promise<string | null> {
    const source = this.#parts.sources.find(({ kind }) => id.startsWith(`${kind}:`));
    return source?.whyNotFinished ? source.whyNotFinished(id) : 'its kind is never removed';
  }

  // ── what the monitor is told ──

  snooze(id: WorkerId, snooze: Snooze): boolean {
    return this.#parts.snoozing.set(id, snooze);
  }

  noteReceipt(receipt: KillReceipt): void {
    this.#parts.notes.receipt(receipt);
  }

  noteReap(receipt: ReapReceipt): void {
    this.#parts.notes.reap(receipt);
  }

  noteEvent(kind: NotedKind, id: WorkerId | null, text: string, data?: unknown): void {
    this.#parts.notes.event(kind, id, text, data);
  }

  noteKill({ data, ...happened }: NotedKill): void {
    this.#parts.events.put(happened, data);
  }

  noteTimedOut(id: WorkerId, text: string): void {
    this.#parts.notes.timedOut(id, text);
  }

  suggest(id: WorkerId, reason: string | null): void {
    this.#parts.notes.suggestion(id, reason);
  }

  notePing(count = 1): void {
    this.#parts.pulse.noteTraffic(count);
  }

  openRequest(worker: string | null): OpenRequest {
    return this.#parts.requests.open(worker);
  }

  noteKeeping(status: KeepingStatus): void {
    this.#parts.pictures.keeping = status;
    this.#parts.publisher.headChanged();
  }

  notePolicy(status: PolicyStatus): void {
    this.#parts.pictures.policy = status;
    this.#parts.publisher.headChanged();
  }
}
