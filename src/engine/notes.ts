import type { KillReceipt, ReapReceipt, WorkerId } from '../shared/model';
import type { EventLog } from './event-log';
import type { Examiner } from './examiner';
import type { IdleRounds } from './idle-rounds';
import type { NotedKind } from './monitor-types';
import type { Instant } from './observe/facts';
import type { Roster } from './roster';
import type { LookQueue } from './schedule/look-queue';
import type { Sweep } from './sweep';

export interface NotesParts {
  roster: Roster;
  events: EventLog;
  examiner: Examiner;
  idleRounds: IdleRounds;
  looks: LookQueue<WorkerId>;
  sweep: Sweep;
  now: () => Instant;
  isLooking: () => boolean;
}

/** Takes note of what others did to workers, or would do: what is known of them, the event, and another look. */
export class Notes {
  constructor(private readonly parts: NotesParts) {}

  event(kind: NotedKind, id: WorkerId | null, text: string, data?: unknown): void {
    this.parts.events.add(kind, this.parts.roster.get(id) ?? null, text, data);
  }

  receipt(receipt: KillReceipt): void {
    const { roster, events, looks, now, isLooking } = this.parts;
    const record = roster.get(receipt.workerId);
    if (record && receipt.ended) {
      record.ended = now();
      record.source.ended?.(record.id);
    }
    events.add(receipt.ended ? 'kill_ended' : 'kill_failed', record ?? null, receipt.summary, receipt);
    if (isLooking()) looks.soon(receipt.workerId, 'full');
  }

  reap(receipt: ReapReceipt): void {
    this.parts.events.add('reap', null, receipt.summary, receipt);
    if (this.parts.isLooking()) this.parts.sweep.discoverSoon();
  }

  timedOut(id: WorkerId, text: string): void {
    const { roster, idleRounds, events } = this.parts;
    const record = roster.get(id);
    if (!record) return;
    idleRounds.noteTimedOut(record);
    events.add('session_timed_out', record, text);
  }

  suggestion(id: WorkerId, reason: string | null): void {
    const record = this.parts.roster.get(id);
    if (!record || record.suggestion === reason) return;
    record.suggestion = reason;
    this.parts.examiner.changed(record, true);
  }
}
