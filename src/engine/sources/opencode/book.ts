import type { WorkerId } from '../../../shared/model';
import type { SourceContext } from '../source';
import type { SessionInfo, SessionStatus } from './parse';
import { type Owner, Session, workerIdOf } from './session';

const SHOWN_MS = 86_400_000;
/** A sub-agent that has done its work is of interest for as long. */
const HELPER_SHOWN_MS = 600_000;
const SHOWN_MAX = 300;
const HELPERS_DEPTH = 8;

/**
 * All sessions any server told of, each once: servers of one user keep their sessions in one place, and each lists them
 * all. A session is that server's which last had it at work.
 */
export class SessionBook {
  readonly #sessions = new Map<string, Session>();

  constructor(private readonly context: SourceContext) {}

  get(sessionId: string): Session | undefined {
    return this.#sessions.get(sessionId);
  }

  byWorker(id: WorkerId): Session | undefined {
    const session = this.#sessions.get(id.slice(workerIdOf('').length));
    return session?.id === id ? session : undefined;
  }

  of(owner: Owner): Session[] {
    return [...this.#sessions.values()].filter((session) => session.owner === owner);
  }

  /** Take over what a server tells of a session; true where it was not known. */
  note(info: SessionInfo, owner: Owner): boolean {
    const known = this.#sessions.get(info.id);
    if (!known) {
      this.#sessions.set(info.id, new Session(info, owner, this.context));
      return true;
    }
    if (info.updatedAt >= known.info.updatedAt) known.info = info;
    // Where its own server is not heard any more, and another one that has the same sessions is.
    if (known.owner !== owner && known.owner.isLost && !owner.isLost) this.#hand(known, owner);
    return false;
  }

  /** Take over what a server says a session is at; true where that is news. Only its own server can say that it is idle. */
  tell(session: Session, status: SessionStatus, owner: Owner, isHeard: boolean): boolean {
    if (status.type === 'idle' && session.owner !== owner) return false;
    if (session.owner !== owner) this.#hand(session, owner);
    return session.tell(status, isHeard);
  }

  delete(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }

  /** The sessions to be shown: those at work, and the newest of those that were within the last day. */
  shown(): Session[] {
    const now = this.context.clock.wallMs();
    const isAtWork = (session: Session) => session.isBusy || session.asksAnything;
    const age = ({ info, active }: Session) => now - Math.max(info.updatedAt, active.at);
    const shown = [...this.#sessions.values()].filter((session) => {
      if (isAtWork(session)) return true;
      return !session.info.isArchived && age(session) < (session.info.parentId === null ? SHOWN_MS : HELPER_SHOWN_MS);
    });
    return shown.toSorted((a, b) => Number(isAtWork(b)) - Number(isAtWork(a)) || age(a) - age(b)).slice(0, SHOWN_MAX);
  }

  /** The sessions that work for one, directly or not. */
  helpersOf({ info }: Session): Session[] {
    const found = new Map<string, Session>();
    let parents = new Set([info.id]);
    for (let depth = 0; depth < HELPERS_DEPTH && parents.size; depth += 1) {
      const next = [...this.#sessions.values()].filter(
        (each) => each.info.parentId !== null && parents.has(each.info.parentId) && !found.has(each.info.id),
      );
      for (const each of next) found.set(each.info.id, each);
      parents = new Set(next.map((each) => each.info.id));
    }
    found.delete(info.id);
    return [...found.values()];
  }

  /** Of all sessions of its server none is at work but this one, and those that work with it. */
  isAlone(session: Session): boolean {
    const family = this.withBosses(session).at(-1);
    return this.of(session.owner).every((each) => !each.isBusy || this.withBosses(each).at(-1) === family);
  }

  /** It, and those it works for. */
  withBosses(session: Session): WorkerId[] {
    const ids: WorkerId[] = [];
    let at: Session | undefined = session;
    for (let depth = 0; at && depth <= HELPERS_DEPTH; depth += 1) {
      ids.push(at.id);
      at = at.info.parentId === null ? undefined : this.#sessions.get(at.info.parentId);
    }
    return ids;
  }

  /** What it was at in the other server ended with that. */
  #hand(session: Session, owner: Owner): void {
    session.owner = owner;
    session.tell({ type: 'idle' }, false);
  }
}
