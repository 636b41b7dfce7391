import type { WorkerId } from '../shared/model';
import type { Attention } from './attention';
import type { Examiner } from './examiner';
import type { FiguresFeed } from './figures-feed';
import { type Holding, TICK_MS } from './holding';
import type { IdleRounds } from './idle-rounds';
import { lastActivity } from './observe/facts';
import type { Clock } from './ports';
import type { ProcessSampling } from './process-sampling';
import type { Publisher } from './publisher';
import type { Pulse } from './pulse';
import type { Refresher } from './refresher';
import type { Roster } from './roster';
import type { LookQueue } from './schedule/look-queue';
import type { SilenceWatch } from './silence-watch';
import type { Snoozing } from './snoozing';
import type { Sweep } from './sweep';
import { Timers } from './timers';

/** File events are spent anew this long after a state changed: states often change together. */
const ASSIGN_DELAY_MS = 500;

export interface LifeCycleParts {
  clock: Clock;
  roster: Roster;
  attention: Attention;
  examiner: Examiner;
  figures: FiguresFeed;
  holding: Holding;
  idleRounds: IdleRounds;
  looks: LookQueue<WorkerId>;
  publisher: Publisher;
  pulse: Pulse;
  refresher: Refresher;
  sampling: ProcessSampling;
  silences: SilenceWatch;
  snoozing: Snoozing;
  sweep: Sweep;
}

/** When the parts begin and cease to look, and what is done at every tick. */
export class LifeCycle {
  /** Resolves once everything was read for the first time. */
  readonly firstReading: Promise<void>;
  readonly #timers: Timers<'tick' | 'assign'>;
  #firstRead: () => void = () => undefined;
  #running = false;
  #paused = false;
  #hasRead = false;

  constructor(private readonly parts: LifeCycleParts) {
    this.#timers = new Timers(parts.clock);
    this.firstReading = new Promise((resolve) => {
      this.#firstRead = resolve;
    });
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  get isLooking(): boolean {
    return this.#running && !this.#paused;
  }

  /** Everything was read at least once. */
  get hasRead(): boolean {
    return this.#hasRead;
  }

  /** A second start changes nothing. */
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
    this.parts.holding.stop();
    this.parts.publisher.stop();
  }

  pause(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.parts.publisher.headChanged();
    if (!this.#running) return;
    if (paused) this.#rest();
    else this.#begin();
  }

  /** Look at everything again, from the start. */
  beginAnew(): void {
    if (this.isLooking) this.#begin();
  }

  /** Everything was gone through. */
  swept(): void {
    const { attention, idleRounds, publisher, pulse } = this.parts;
    if (!this.#hasRead) this.#noteQuietSince();
    this.#hasRead = true;
    pulse.start();
    if (!idleRounds.isRunning) idleRounds.start();
    this.#firstRead();
    attention.assign();
    publisher.headChanged();
  }

  /** A state changed: other workers deserve file events now. */
  assignSoon(): void {
    // The first sweep does so at its end.
    if (this.#hasRead && this.isLooking && !this.#timers.has('assign')) {
      this.#timers.set('assign', ASSIGN_DELAY_MS, () => this.parts.attention.assign());
    }
  }

  /** Begin to look: first what only others can tell, then everything. */
  #begin(): void {
    const { refresher, sweep } = this.parts;
    sweep.stop();
    const asked = refresher.start();
    if (!asked) sweep.start();
    else void asked.then(() => this.isLooking && sweep.start());
  }

  /** Stop looking. Who does not look must not call anything idle: the next sweep starts the pulse again. */
  #rest(): void {
    const { attention, holding, idleRounds, looks, pulse, refresher, silences, sweep } = this.parts;
    silences.rest(holding.instant());
    pulse.stop();
    idleRounds.stop();
    looks.clear();
    refresher.stop();
    sweep.stop();
    attention.close();
    this.#timers.cancel('assign');
  }

  #tick(): void {
    const { attention, examiner, figures, holding, publisher, sampling, snoozing } = this.parts;
    this.#timers.set('tick', TICK_MS, () => this.#tick());
    holding.now();
    if (!this.#paused) {
      examiner.checkProcesses();
      snoozing.endThoseOver();
      if (publisher.hasListeners) sampling.sample();
    }
    figures.take();
    if (attention.hasSelection) publisher.detailChanged();
  }

  /** The workers' files tell how long all has been quiet: nobody has to wait for that to be seen. */
  #noteQuietSince(): void {
    const { clock, pulse, roster } = this.parts;
    let newestMs = Number.NEGATIVE_INFINITY;
    for (const { reading } of roster.all()) {
      const last = reading && lastActivity(reading);
      if (last) newestMs = Math.max(newestMs, last.monotonicMs);
    }
    pulse.noteQuietSince(Number.isFinite(newestMs) ? clock.monotonicMs() - newestMs : null);
  }
}
