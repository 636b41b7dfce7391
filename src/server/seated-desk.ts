import type { Clock, Logger } from '../engine/ports';
import type { EngineInfo, EngineSeat, SeatAnswer } from '../host/engine-seat';
import type { Focus } from '../shared/ipc';
import type { Delta } from '../shared/model';
import { newPicture } from '../shared/snapshot';
import type { Desk, DeskListener, DeskView } from './desk';

/** Whoever holds the seat may only just begin, or just end: asked again so often, for so long. */
const AGAIN_MS = 250;
const PATIENCE_MS = 15_000;
/** So often it is made sure that the seat is still held. */
const HOLD_MS = 2_000;

/** The engine of another process. */
export interface AttachedDesk extends Desk {
  /** Called once, when that engine is reached no more. */
  onLost(listener: (why: string) => void): void;
}

export interface SeatedDeskOptions {
  takeSeat(): SeatAnswer;
  /** Run the engine here, started; null: nobody else can be kept from doing so too. */
  here(seat: EngineSeat | null): Promise<Desk>;
  /** Attach to the engine of another process. Rejects in words. */
  attach(to: EngineInfo & { api: string }): Promise<AttachedDesk>;
  /** Where the engine runs now, at the beginning and whenever that changes; null: here. */
  onSeat(at: EngineInfo | null): void;
  clock: Clock;
  log: Logger;
}

/**
 * The one engine of a state folder: run here where nobody else does, else attached to; when the other one ends, it goes
 * on here. Rejects in words where neither can be.
 */
export async function openSeatedDesk(options: SeatedDeskOptions): Promise<Desk> {
  const { clock, log } = options;
  const listeners = new Set<Partial<DeskListener>>();
  const views = new Set<SeatedView>();
  let isStopped = false;
  /** Ends the wait that is under way, if one is. */
  let endWait = (): void => undefined;
  let current = await sit();

  /** Where the engine runs, after trying for a while. */
  async function sit(): Promise<Desk> {
    const until = clock.monotonicMs() + PATIENCE_MS;
    for (;;) {
      const tried = await trySeat();
      if ('desk' in tried) return tried.desk;
      if (tried.isFinal || clock.monotonicMs() >= until || isStopped) throw new Error(tried.reason);
      await wait(AGAIN_MS);
    }
  }

  async function trySeat(): Promise<{ desk: Desk } | { reason: string; isFinal?: true }> {
    const answer = options.takeSeat();
    if (answer.ok) return { desk: await sitHere(answer.seat) };
    if (!answer.taken) {
      log.warn(`Nothing keeps another idlewatch from running beside this one: ${answer.reason}`);
      return { desk: await sitHere(null) };
    }
    const { holder } = answer;
    if (!holder) return { reason: 'another idlewatch runs here and does not say where it is reached' };
    const { api, pid, isEnding } = holder;
    if (isEnding) return { reason: `another idlewatch (process ${pid}) is ending and has not left yet` };
    const who = `idlewatch runs already (process ${pid})`;
    if (api === null) {
      return { reason: `${who}, and its local API is switched off: switch it on, or quit it`, isFinal: true };
    }
    try {
      const desk = await options.attach({ ...holder, api });
      desk.onLost(
        (why) =>
          void moveOn(`The engine of the other idlewatch is gone: ${why}. This one takes over where no other has.`),
      );
      follow(desk);
      options.onSeat(holder);
      return { desk };
    } catch (error) {
      return { reason: `${who} and cannot be reached: ${(error as Error).message}` };
    }
  }

  async function sitHere(seat: EngineSeat | null): Promise<Desk> {
    const desk = await options.here(seat);
    follow(desk);
    options.onSeat(null);
    if (seat) void keep(seat);
    return desk;
  }

  /** Two engines must not act on the same workers: whoever has lost the seat stands up. */
  async function keep(seat: EngineSeat): Promise<void> {
    do await wait(HOLD_MS);
    while (!isStopped && seat.hold());
    await moveOn('Another idlewatch has taken the place of this one: the lock of the state folder was replaced.');
  }

  function wait(ms: number): Promise<void> {
    return new Promise((done) => {
      const cancel = clock.after(ms, done);
      endWait = () => {
        cancel();
        done();
      };
    });
  }

  function follow(desk: Desk): void {
    const pass =
      <K extends keyof DeskListener>(what: K) =>
      (...args: Parameters<DeskListener[K]>) => {
        for (const listener of listeners) (listener[what] as ((...all: typeof args) => void) | undefined)?.(...args);
      };
    desk.listen({ head: pass('head'), event: pass('event'), settings: pass('settings'), tell: pass('tell') });
  }

  /** The engine so far is none any more, here or elsewhere. */
  async function moveOn(why: string): Promise<void> {
    if (isStopped) return;
    log.warn(why);
    await current.stop();
    const next = await satAgain();
    if (!next) return;
    current = next;
    if (isStopped) return current.stop();
    for (const view of views) view.moveTo(current);
    for (const { settings, head } of listeners) {
      settings?.(current.settings());
      head?.(current.snapshot());
    }
  }

  /** Tried until it succeeds; null: this desk was stopped meanwhile. */
  async function satAgain(): Promise<Desk | null> {
    let told: string | null = null;
    while (!isStopped) {
      try {
        return await sit();
      } catch (error) {
        const { message } = error as Error;
        if (!isStopped && message !== told) log.warn(`There is no engine: ${message}. It is tried again.`);
        told = message;
        await wait(HOLD_MS);
      }
    }
    return null;
  }

  return {
    invoke: (name, args, askedBy) => current.invoke(name, args, askedBy),
    view(listener) {
      const view = new SeatedView(listener, current);
      views.add(view);
      return view;
    },
    snapshot: () => current.snapshot(),
    row: (id) => current.row(id),
    settings: () => current.settings(),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    power: (change) => current.power(change),
    async stop() {
      isStopped = true;
      endWait();
      await current.stop();
    },
  };
}

/** A view that outlives the engine it looks at. */
class SeatedView implements DeskView {
  #view: DeskView;
  #focus: Focus = { visible: [], selected: null };
  #isOpen = false;

  constructor(
    private readonly listener: (delta: Delta) => void,
    desk: Desk,
  ) {
    this.#view = desk.view(listener);
  }

  open(): ReturnType<DeskView['open']> {
    this.#isOpen = true;
    return this.#view.open();
  }

  focus(focus: Focus): void {
    this.#focus = focus;
    this.#view.focus(focus);
  }

  rest(): void {
    this.#isOpen = false;
    this.#view.rest();
  }

  /** Whoever looks is told of a picture that follows nothing, and asks for the full one. */
  moveTo(desk: Desk): void {
    this.#view.rest();
    this.#view = desk.view(this.listener);
    this.#view.focus(this.#focus);
    if (this.#isOpen) this.listener(newPicture(desk.snapshot()));
  }
}
