import type { WorkerId } from '../../../shared/model';
import { stillThere } from '../../observe/process-claim';
import type { ProcessIdentity } from '../../ports';
import type { SourceContext } from '../source';
import type { OpenCodeApi, ServerAddress } from './api';
import { backoffMs } from './backoff';
import type { SessionBook } from './book';
import { Hearing } from './hearing';
import { LoadedDirectories } from './loaded-directories';
import type { SessionInfo, SessionStatus } from './parse';
import type { Owner, Session } from './session';

/** While its events are followed, what they may have missed is asked for this often. */
const POLL_MS = 10_000;
/** And the list of all its sessions. */
const LIST_MS = 60_000;
const LISTED_MAX = 300;
const LISTED_MS = 86_400_000;
/** Its sessions may go on in another server that has them once it was not heard for so long. */
const LOST_MS = 30_000;
const TURNS_MAX = 16;

export interface ServerListener {
  changed(ids: WorkerId[]): void;
  appeared(): void;
}

/** One OpenCode server: asked every so often, followed in between, and left alone for a while where it does not answer. */
export class FollowedServer implements Owner {
  unreadable: string | null = 'it has not been asked yet';
  /** When it was last heard, on the monotonic clock. */
  heardMs: number;
  /** It was found here, and its process is known to be gone. One that is named may be started anew, and is waited for. */
  hasEnded = false;
  #process: (ProcessIdentity & { startedAt: number }) | null = null;
  #stream: { close(): void } | null = null;
  #polling: Promise<void> | null = null;
  #nextMs = Number.NEGATIVE_INFINITY;
  #listedMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  /** How often its events ended, one time soon after the other. */
  #drops = 0;
  #followedMs = 0;
  #notice: string | null = null;
  readonly #noticed = new Set<string>();
  readonly #loaded = new LoadedDirectories();
  #isClosed = false;
  readonly #hearing: Hearing;

  constructor(
    private readonly api: OpenCodeApi,
    private readonly book: SessionBook,
    private readonly context: SourceContext,
    private readonly listener: ServerListener,
    private readonly isNamed: boolean,
  ) {
    this.heardMs = context.clock.monotonicMs();
    this.#hearing = new Hearing(this, book, {
      onChange: (session) => this.#changed(session),
      onAppeared: () => listener.appeared(),
      onLoaded: (directory) => this.#loaded.add(directory),
      onUnloaded: (directory) => this.#unload(directory),
      onMissed: () => this.listSoon(),
      onDrift: (drift) => this.#noteDrift(drift),
    });
  }

  get address(): ServerAddress {
    return this.api.address;
  }

  get process(): (ProcessIdentity & { startedAt: number }) | null {
    return this.#process;
  }

  /** It is this process now; where it was another one, it is asked at the next occasion. */
  runsIn(process: ProcessIdentity & { startedAt: number }): void {
    const before = this.#process;
    this.#process = process;
    if (before && (before.pid !== process.pid || before.startTime !== process.startTime))
      this.#nextMs = Number.NEGATIVE_INFINITY;
  }

  /** It does not answer and its process has ended, or it has not answered for a while. */
  get isLost(): boolean {
    if (this.unreadable === null) return false;
    return this.context.clock.monotonicMs() - this.heardMs > LOST_MS || this.#isProcessGone;
  }

  get #isProcessGone(): boolean {
    return this.#process !== null && stillThere(this.context.processTable, this.#process) === 'gone';
  }

  takeNotice(): string | null {
    const notice = this.#notice;
    this.#notice = null;
    return notice;
  }

  /** Ask it, if it is time to. Never rejects. */
  poll(): Promise<void> {
    if (this.#polling) return this.#polling;
    if (this.unreadable !== null) this.#lookWhetherEnded();
    if (this.context.clock.monotonicMs() < this.#nextMs) return Promise.resolve();
    this.#polling = this.#ask().finally(() => {
      this.#polling = null;
    });
    return this.#polling;
  }

  /** Have it list its sessions at the next occasion. */
  listSoon(): void {
    this.#listedMs = Number.NEGATIVE_INFINITY;
    if (this.unreadable === null) this.#nextMs = Number.NEGATIVE_INFINITY;
  }

  /** Its events are not followed any more until it is asked again. */
  rest(): void {
    this.#stream?.close();
    this.#stream = null;
    this.#nextMs = Number.NEGATIVE_INFINITY;
  }

  /** For good. */
  close(): void {
    this.#isClosed = true;
    this.rest();
  }

  async #ask(): Promise<void> {
    const { clock } = this.context;
    const wasHeard = this.#stream !== null;
    const wasReadable = this.unreadable === null;
    const beganMs = clock.monotonicMs();
    if (!wasHeard) this.#follow(beganMs);
    const fault = (await this.#list(beganMs, wasHeard)) ?? (await this.#askStatuses(beganMs, wasHeard));
    if (this.#isClosed) return;
    if (fault !== null) return this.#fail(fault);
    this.heardMs = clock.monotonicMs();
    this.#failures = 0;
    this.#nextMs = this.heardMs + POLL_MS;
    if (!wasReadable) this.#tellAll();
  }

  #fail(fault: string): void {
    const { clock } = this.context;
    this.#failures += 1;
    this.#stream?.close();
    this.#stream = null;
    this.#nextMs = clock.monotonicMs() + backoffMs(this.#failures);
    const isNews = this.unreadable !== fault;
    this.unreadable = fault;
    if (fault.startsWith('expected ')) this.#noteDrift(fault);
    this.#lookWhetherEnded();
    if (isNews) this.#tellAll();
  }

  /** Nothing is at work in a server that has ended. It may close its port before its process is gone. */
  #lookWhetherEnded(): void {
    if (this.isNamed || this.hasEnded || !this.#isProcessGone) return;
    this.hasEnded = true;
    for (const session of this.book.of(this)) session.tell({ type: 'idle' }, false);
    this.#tellAll();
  }

  /** Why it failed; null: it did not, or there was no need to. */
  async #list(beganMs: number, wasHeard: boolean): Promise<string | null> {
    if (wasHeard && beganMs < this.#listedMs + LIST_MS) return null;
    const { clock } = this.context;
    const sinceAt = Math.min(clock.wallMs() - LISTED_MS, this.process?.startedAt ?? Number.POSITIVE_INFINITY);
    const answer = await this.api.sessions(sinceAt, LISTED_MAX);
    if (!answer.ok) return answer.fault;
    this.#listedMs = beganMs;
    this.unreadable = null;
    this.hasEnded = false;
    const { sessions, drift } = answer.value;
    if (drift !== null) this.#noteDrift(drift);
    const isNew = sessions.map((info) => this.book.note(info, this));
    this.#forgetDeleted(sessions, sinceAt, drift === null && sessions.length < LISTED_MAX);
    this.#loaded.guess(sessions, this.process?.startedAt ?? null);
    if (isNew.includes(true)) this.listener.appeared();
    return null;
  }

  #forgetDeleted(listed: readonly SessionInfo[], sinceAt: number, isWhole: boolean): void {
    if (!isWhole) return;
    const ids = new Set(listed.map(({ id }) => id));
    const gone = this.book
      .of(this)
      .filter(({ info, isBusy }) => !ids.has(info.id) && !isBusy && info.updatedAt > sinceAt);
    for (const { info } of gone) this.book.delete(info.id);
    if (gone.length) this.listener.appeared();
  }

  async #askStatuses(beganMs: number, wasHeard: boolean): Promise<string | null> {
    for (const directory of this.#loaded.all()) {
      const answer = await this.api.statuses(directory);
      if (!answer.ok) return answer.fault;
      const fault = await this.#takeStatuses(directory, answer.value, beganMs, wasHeard);
      if (fault !== null) return fault;
    }
    return this.#askTurns();
  }

  async #takeStatuses(
    directory: string,
    statuses: ReadonlyMap<string, SessionStatus>,
    beganMs: number,
    wasHeard: boolean,
  ): Promise<string | null> {
    for (const [sessionId, status] of statuses) this.#tell(this.book.get(sessionId), status, beganMs, wasHeard);
    for (const session of this.book.of(this)) {
      if (session.info.directory === directory && !statuses.has(session.info.id))
        this.#tell(session, { type: 'idle' }, beganMs, wasHeard);
    }
    if (!statuses.size) return null;
    const asks = await this.api.asks(directory);
    if (!asks.ok) return asks.fault;
    for (const session of this.book.of(this)) {
      if (session.info.directory !== directory || session.toldMs >= beganMs) continue;
      const mine = asks.value.filter(({ sessionId }) => sessionId === session.info.id);
      const isNews = mine.length !== session.asks.size || mine.some(({ id }) => !session.asks.has(id));
      session.asks.clear();
      for (const ask of mine) session.asks.set(ask.id, ask);
      if (isNews) this.#changed(session);
    }
    return null;
  }

  /** `beganMs`: what was told since then is newer than the answer. */
  #tell(session: Session | undefined, status: SessionStatus, beganMs: number, wasHeard: boolean): void {
    if (!session || session.toldMs >= beganMs) return;
    const isNews = this.book.tell(session, status, this, false);
    if (!wasHeard && session.isBusy && session.owner === this) session.isUnheard = true;
    if (isNews) this.#changed(session);
  }

  /** What sessions are at that were busy while nobody listened. */
  async #askTurns(): Promise<null> {
    const unheard = this.book.of(this).filter(({ isUnheard }) => isUnheard);
    for (const session of unheard.slice(0, TURNS_MAX)) {
      const beganMs = this.context.clock.monotonicMs();
      const turn = await this.api.turn(session.info.id, session.info.directory);
      if (!turn.ok) this.#noteDrift(`Since when “${session.info.title}” is busy is not known: ${turn.fault}`);
      else if (session.active.monotonicMs < beganMs && session.isBusy) session.noteTurn(turn.value);
      session.isUnheard = false;
      this.#changed(session);
    }
    return null;
  }

  #follow(beganMs: number): void {
    this.#followedMs = beganMs;
    const stream = this.api.follow({
      event: (data) => {
        if (this.#stream !== stream) return;
        this.heardMs = this.context.clock.monotonicMs();
        this.#hearing.hear(data, this.heardMs);
      },
      end: () => {
        if (this.#stream !== stream) return;
        this.#stream = null;
        const now = this.context.clock.monotonicMs();
        this.#drops = now - this.#followedMs > POLL_MS ? 1 : this.#drops + 1;
        // Why it ended is told by asking, at first at once.
        this.#nextMs = this.#drops === 1 ? now : now + Math.min(POLL_MS, backoffMs(this.#drops));
      },
    });
    this.#stream = stream;
  }

  /** Nothing of a directory is at work in the server any more. */
  #unload(directory: string): void {
    this.#loaded.delete(directory);
    for (const session of this.book.of(this)) {
      if (session.info.directory === directory && this.book.tell(session, { type: 'idle' }, this, true)) {
        this.#changed(session);
      }
    }
  }

  #noteDrift(text: string): void {
    if (this.#noticed.has(text) || this.#noticed.size > 20) return;
    this.#noticed.add(text);
    this.#notice = `${this.address.shown}: ${text}`;
  }

  #changed(session: Session | undefined): void {
    if (session) this.listener.changed(this.book.withBosses(session));
  }

  #tellAll(): void {
    this.listener.changed(this.book.of(this).map(({ id }) => id));
  }
}
