import type {
  HealthStrip,
  KeepingStatus,
  MonitorEvent,
  PolicyStatus,
  RootStatus,
  SeriesPoint,
  SnapshotHead,
  WorkerDetail,
  WorkerId,
  WorkerReport,
  WorkerRow,
} from '../shared/model';
import type { Settings } from '../shared/settings';
import type { Attention, Viewer } from './attention';
import type { EventLog } from './event-log';
import type { Holding } from './holding';
import type { IdleRounds } from './idle-rounds';
import type { RunCheck } from './monitor-types';
import { limitsOf } from './observe/facts';
import { overallOf, sentenceOf } from './observe/overall';
import type { Clock } from './ports';
import type { ProcessWatch } from './process-watch';
import type { Published } from './publisher';
import type { Pulse } from './pulse';
import type { Roster } from './roster';
import { detailOf, reportOf, rowOf } from './rows';
import { checkRuns } from './run-check';
import type { Source } from './sources/source';
import type { WorkerRecord } from './worker-record';

export interface PicturesParts {
  clock: Clock;
  sources: readonly Source[];
  roster: Roster;
  attention: Attention;
  processes: ProcessWatch;
  pulse: Pulse;
  events: EventLog;
  holding: Holding;
  idleRounds: IdleRounds;
  settings: () => Settings;
  isPaused: () => boolean;
}

/** What is known now, as others see it: it is made when it is asked for. */
export class Pictures implements Published {
  /** What others say of the whole is shown as they last said it. */
  policy: PolicyStatus = { armed: false, heldBack: null, breaker: null };
  keeping: KeepingStatus = { failing: null, waiting: 0 };

  constructor(private readonly parts: PicturesParts) {}

  head(seq: number): SnapshotHead {
    const { clock, holding, pulse, roster, isPaused } = this.parts;
    const { hold } = holding;
    const { idle, memory } = pulse;
    const { counts, needPerson } = roster;
    const input = { counts: counts.states, unknown: counts.unknown, needPerson, isIdle: idle.isIdle };
    return {
      seq,
      takenAt: clock.wallMs(),
      overall: overallOf(input),
      sentence: sentenceOf(input),
      counts: { ...input.counts },
      paused: isPaused(),
      hold: hold && { reason: hold.reason, untilAt: hold.untilAt },
      idle,
      memory,
      policy: this.policy,
      keeping: this.keeping,
      roots: this.roots(),
    };
  }

  row(id: WorkerId): WorkerRow | null {
    const record = this.parts.roster.get(id);
    return record ? this.#row(record) : null;
  }

  rows(): WorkerRow[] {
    return [...this.parts.roster.all()].flatMap((record) => this.#row(record) ?? []);
  }

  detail(viewer: Viewer): WorkerDetail | null {
    const { attention, idleRounds, processes, roster } = this.parts;
    const record = roster.get(attention.selectedBy(viewer));
    if (!record?.verdict) return null;
    idleRounds.readTasks(record);
    return detailOf(record, ...this.#measures(), processes);
  }

  events(): MonitorEvent[] {
    return this.parts.events.recent;
  }

  series(): SeriesPoint[] {
    return this.parts.pulse.series;
  }

  report(id: WorkerId): WorkerReport | null {
    const record = this.parts.roster.get(id);
    return record ? reportOf(record, ...this.#measures()) : null;
  }

  /** All workers by run. */
  check(): RunCheck[] {
    const measures = this.#measures();
    const workers = [...this.parts.roster.all()].map((record) => reportOf(record, ...measures));
    return checkRuns(workers, this.roots(), this.parts.clock.wallMs());
  }

  roots(): RootStatus[] {
    return this.parts.sources.flatMap((source) => source.roots());
  }

  /** Of those that are known. */
  strips(ids: readonly WorkerId[]): Record<WorkerId, HealthStrip> {
    const { monotonicMs } = this.parts.holding.now();
    const known = ids.flatMap((id) => this.parts.roster.get(id) ?? []);
    return Object.fromEntries(known.map(({ id, strip }) => [id, strip.read(monotonicMs)]));
  }

  #row(record: WorkerRecord): WorkerRow | null {
    return record.verdict ? rowOf(record, ...this.#measures()) : null;
  }

  /** What is allowed, and from when on silence counts. */
  #measures() {
    return [limitsOf(this.parts.settings()), this.parts.holding.windowStart] as const;
  }
}
