import type { WorkerId } from '../../../shared/model';
import { ON_THIS_MACHINE } from '../../monitor-types';
import type { PushListener, Reading, Source, SourceContext, SourceListener } from '../source';
import { SessionBook } from './book';
import { Servers } from './servers';

/** How often it is looked whose time to be asked has come. */
const REFRESH_MS = 2_000;
/** Servers that are slow to answer keep nobody waiting for longer: what they say is told when it comes. */
const PATIENCE_MS = 3_000;

/** Sessions of OpenCode, by the servers they live in. */
export function createOpenCodeSource(context: SourceContext): Source {
  return new OpenCodeSource(context);
}

class OpenCodeSource implements Source {
  readonly kind = 'opencode';
  readonly refreshIntervalMs = REFRESH_MS;
  readonly #book: SessionBook;
  readonly #servers: Servers;
  readonly #shown = new Set<WorkerId>();
  #listener: PushListener | null = null;

  constructor(private readonly context: SourceContext) {
    this.#book = new SessionBook(context);
    this.#servers = new Servers(context, this.#book, {
      changed: (ids) => this.#listener?.changed(ids.filter((id) => this.#shown.has(id))),
      appeared: () => this.#listener?.appeared(),
    });
  }

  /** Addresses of servers, and ON_THIS_MACHINE for those that are found by themselves. */
  setRoots(roots: string[]): void {
    this.#servers.setRoots(roots);
  }

  /** Servers that have not ended; and this machine where it cannot be told whether there are more. */
  roots() {
    const running = this.#servers.all().filter(({ hasEnded }) => !hasEnded);
    const servers = running.map((server) => ({
      path: server.address.shown,
      workers: this.#book.of(server).filter(({ id }) => this.#shown.has(id)).length,
      unreadable: server.unreadable,
    }));
    const { fault } = this.#servers;
    return fault === null
      ? servers
      : [...servers, { path: `OpenCode on ${ON_THIS_MACHINE}`, workers: 0, unreadable: fault }];
  }

  connect(listener: PushListener): void {
    this.#listener = listener;
  }

  disconnect(): void {
    this.#listener = null;
    this.#servers.rest();
  }

  refresh(): Promise<WorkerId[]> | null {
    return this.#servers.isAnyWanted ? this.#ask() : null;
  }

  *sweep(listener: SourceListener): Generator<void, void, void> {
    const shown = this.#book.shown().map(({ id }) => id);
    for (const id of shown) {
      yield;
      if (this.#shown.has(id)) continue;
      this.#shown.add(id);
      listener.onFound(id);
    }
    const still = new Set(shown);
    for (const id of [...this.#shown]) if (!still.has(id)) this.#leave(id, listener);
  }

  look(id: WorkerId): Reading | null {
    const session = this.#book.byWorker(id);
    return session?.look(this.#book.helpersOf(session), session.isBusy && this.#book.isAlone(session)) ?? null;
  }

  /** Whatever changes is told. */
  touched(): boolean {
    return false;
  }

  watchDirectories(): string[] {
    return [];
  }

  depthFor(): 'none' {
    return 'none';
  }

  rootDirectories(): string[] {
    return [];
  }

  logTail(): null {
    return null;
  }

  forget(id: WorkerId): void {
    this.#shown.delete(id);
  }

  async #ask(): Promise<WorkerId[]> {
    let cancel = () => {};
    const enough = new Promise<void>((resolve) => {
      cancel = this.context.clock.after(PATIENCE_MS, resolve);
    });
    await Promise.race([this.#servers.ask(), enough]);
    cancel();
    return [];
  }

  #leave(id: WorkerId, listener: SourceListener): void {
    this.forget(id);
    const why = this.#book.byWorker(id)
      ? 'Nothing came of it for a day: shown no longer'
      : 'It was deleted, or its server is not watched any more';
    listener.onLeft(id, why);
  }
}
