import type { WorkerId, WorkerReport, WorkerRow } from '../../shared/model';
import type { Settings } from '../../shared/settings';
import { type ActingRule, isCandidate, ruleFor, showsStall } from './policy-rules';

/** One stall of one worker (or the time in which a session is idle), from its beginning to its end, as far as the policy has to do with it. */
export interface Stall {
  readonly id: WorkerId;
  /** When the policy first saw it; monotonic. */
  readonly seenMs: number;
  /** As last seen, with its rule; null: not seen since, or left alone. */
  current: { row: WorkerRow; rule: ActingRule } | null;
  /** When it was first read afresh with its time up, and it has shown in every reading since; monotonic. */
  readMs: number | null;
  /** What its rule says was done: once a stall. */
  acted: boolean;
  /** The policy suggests to end it. */
  suggested: boolean;
}

/** A stall with its row and rule. */
export type CurrentStall = Stall & { current: NonNullable<Stall['current']> };

/** All stalls that are known. Whatever ends one, or its rule, takes its readings and its suggestion along. */
export class StallBook {
  readonly #stalls = new Map<WorkerId, Stall>();

  constructor(private readonly withdraw: (id: WorkerId) => void) {}

  /** A worker turned stalled or dead. */
  begin(id: WorkerId, nowMs: number): Stall {
    this.end(id);
    const stall: Stall = { id, seenMs: nowMs, current: null, readMs: null, acted: false, suggested: false };
    this.#stalls.set(id, stall);
    return stall;
  }

  /** It is well again, or gone. */
  end(id: WorkerId): void {
    const stall = this.#stalls.get(id);
    if (stall) this.#leaveAlone(stall);
    this.#stalls.delete(id);
  }

  /** Take over how all workers stand. Returns the stalls that a rule is for. */
  follow(rows: WorkerRow[], settings: Settings, nowMs: number): CurrentStall[] {
    const stuck = new Map(rows.filter((row) => isCandidate(row, settings)).map((row) => [row.id, row]));
    for (const id of [...this.#stalls.keys()]) if (!stuck.has(id)) this.end(id);
    const followed: CurrentStall[] = [];
    for (const row of stuck.values()) {
      const stall = this.#stallOf(row, nowMs);
      const rule = ruleFor(row, settings);
      if (stall.current && stall.current.rule.action !== rule?.action) this.#leaveAlone(stall);
      stall.current = rule && { row, rule };
      if (this.isCurrent(stall)) followed.push(stall);
    }
    return followed;
  }

  /** What was read before does not count any more. */
  forgetReadings(): void {
    for (const stall of this.#stalls.values()) stall.readMs = null;
  }

  has(stall: Stall): boolean {
    return this.#stalls.get(stall.id) === stall;
  }

  /** It lasts, and a rule is for it. */
  isCurrent(stall: Stall): stall is CurrentStall {
    return this.has(stall) && stall.current !== null;
  }

  #stallOf(row: WorkerRow, nowMs: number): Stall {
    const known = this.#stalls.get(row.id);
    const isSame = known && (!known.current || known.current.row.since === row.since);
    return isSame ? known : this.begin(row.id, nowMs);
  }

  #leaveAlone(stall: Stall): void {
    if (stall.suggested) this.withdraw(stall.id);
    Object.assign(stall, { current: null, readMs: null, acted: false, suggested: false });
  }
}

/** For how long it has been stalled: by the monotonic clock since it was seen, or by its row, whichever is less. */
export function stalledForMs(stall: CurrentStall, now: { monotonicMs: number; at: number }): number {
  return Math.min(now.monotonicMs - stall.seenMs, now.at - stall.current.row.since);
}

/** A stall whose time is up and that nothing was done about. */
export function isDue(stall: CurrentStall, now: { monotonicMs: number; at: number }): boolean {
  return !stall.acted && stalledForMs(stall, now) >= stall.current.rule.afterSecs * 1000;
}

/**
 * Take a fresh reading in. True where it and one at least a check interval before show this stall, and none in between showed
 * another thing. `startedAt`: wall time just before the reading.
 */
export function confirm(
  stall: CurrentStall,
  reading: WorkerReport | null,
  { startedAt, nowMs, settings }: { startedAt: number; nowMs: number; settings: Settings },
): boolean {
  if (!showsStall(reading, stall.current.row.since, startedAt, settings)) {
    stall.readMs = null;
    return false;
  }
  stall.current.row = reading;
  stall.readMs ??= nowMs;
  return nowMs - stall.readMs >= settings.policyCheckIntervalMs;
}
