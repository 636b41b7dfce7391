import type { Snooze } from '../shared/ipc';
import type { WorkerId } from '../shared/model';
import type { Examiner } from './examiner';
import type { Instant } from './observe/facts';
import type { Clock, SnoozeBook } from './ports';
import type { Roster } from './roster';
import type { Moment } from './sources/source';

export interface SnoozingParts {
  clock: Clock;
  roster: Roster;
  examiner: Examiner;
  snoozes: SnoozeBook;
  now: () => Instant;
}

const SNOOZE_MS: Record<Snooze, number | null> = { off: null, until_change: null, '15min': 900_000, '1h': 3_600_000 };

/** Snoozes workers at a person's word, and ends the snoozes whose time is over. Those that end by a change: examiner.ts. */
export class Snoozing {
  constructor(private readonly parts: SnoozingParts) {}

  /** False when there is no such worker. */
  set(id: WorkerId, snooze: Snooze): boolean {
    const { roster, snoozes, examiner, now } = this.parts;
    const record = roster.get(id);
    if (!record) return false;
    record.snoozed = snooze !== 'off';
    record.snoozedUntil = untilOf(snooze, now());
    if (record.snoozed && record.verdict) snoozes.note(id, record.verdict.state, record.snoozedUntil?.at ?? null);
    else snoozes.drop(id);
    examiner.changed(record, true);
    return true;
  }

  endThoseOver(): void {
    const now = this.parts.clock.monotonicMs();
    for (const { id, snoozedUntil } of this.parts.roster.bad) {
      if (snoozedUntil && snoozedUntil.monotonicMs <= now) this.set(id, 'off');
    }
  }
}

function untilOf(snooze: Snooze, now: Instant): Moment | null {
  const lengthMs = SNOOZE_MS[snooze];
  return lengthMs === null ? null : { monotonicMs: now.monotonicMs + lengthMs, at: now.at + lengthMs };
}
