import type { SessionBook } from './book';
import { parseEvent, type ServerEvent } from './events';
import type { Owner, Session } from './session';

/** What is to be done about what was heard. */
export interface HearingListener {
  onChange(session: Session): void;
  onAppeared(): void;
  /** The server works in that directory. */
  onLoaded(directory: string): void;
  onUnloaded(directory: string): void;
  /** A session was told of that is not known. */
  onMissed(): void;
  onDrift(drift: string): void;
}

/** Writes the events of one server into the book. */
export class Hearing {
  constructor(
    private readonly owner: Owner,
    private readonly book: SessionBook,
    private readonly on: HearingListener,
  ) {}

  /** One event as it came; `nowMs` on the monotonic clock. */
  hear(data: string, nowMs: number): void {
    const event = parseEvent(data);
    if (event.ok) this.#take(event.value, nowMs);
    else this.on.onDrift(event.drift);
  }

  #take(event: ServerEvent, nowMs: number): void {
    if ('directory' in event && event.directory !== null) {
      if (event.kind === 'disposed') this.on.onUnloaded(event.directory);
      else this.on.onLoaded(event.directory);
    }
    if (event.kind === 'other' || event.kind === 'disposed') return;
    if (event.kind === 'info' && this.book.note(event.info, this.owner)) this.on.onAppeared();
    const session = this.book.get(sessionIdIn(event));
    if (event.kind === 'deleted') {
      this.book.delete(event.sessionId);
      this.on.onAppeared();
    } else if (!session) this.on.onMissed();
    else if (this.#changes(session, event, nowMs)) this.on.onChange(session);
  }

  /** True where the session is another thing now. */
  #changes(session: Session, event: ServerEvent, nowMs: number): boolean {
    if (event.kind !== 'info') session.toldMs = nowMs;
    switch (event.kind) {
      case 'status':
        return this.book.tell(session, event.status, this.owner, true);
      case 'asked':
        session.asks.set(event.ask.id, event.ask);
        return true;
      case 'answered':
        session.asks.delete(event.askId);
        session.noteActivity();
        return true;
      case 'tool':
        session.noteCall(event.call, event.isRunning);
        return true;
      case 'activity':
        session.noteActivity();
        return true;
      default:
        return event.kind === 'info';
    }
  }
}

function sessionIdIn(event: Exclude<ServerEvent, { kind: 'other' | 'disposed' }>): string {
  if (event.kind === 'info') return event.info.id;
  return event.kind === 'asked' ? event.ask.sessionId : event.sessionId;
}
