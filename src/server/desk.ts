import type { CommandArgs, CommandResult, DeskCommand, Focus, SettingsView } from '../shared/ipc';
import type { Asker, Delta, LoggedEvent, PolicyMessage, Snapshot, WorkerId, WorkerRow } from '../shared/model';

/** What a desk tells. Every part is optional to listen to. */
export interface DeskListener {
  /** The head changed (overall, sentence, counts), at most 8 times a second. */
  head(snapshot: Snapshot): void;
  event(event: LoggedEvent): void;
  settings(view: SettingsView): void;
  /** The policy has something to say to the person. */
  tell(message: PolicyMessage): void;
}

/** One window's picture: opened while it can be seen, at rest while it cannot. */
export interface DeskView {
  /** The full picture; every delta after it is told. */
  open(): Snapshot;
  focus(focus: Focus): void;
  /** Nothing is told any more until `open`. */
  rest(): void;
}

/**
 * The engine as a shell (app, page, command) meets it, be it in this process or in another one that it is attached to:
 * one way in for pictures and events, one way out for commands.
 */
export interface Desk {
  /** Do what the contract of src/shared/ipc.ts says. Rejects with a sentence. */
  invoke<C extends DeskCommand>(name: C, args: CommandArgs<C>, askedBy: Asker): Promise<CommandResult<C>>;
  view(listener: (delta: Delta) => void): DeskView;
  /** The latest picture, without any worker's detail. */
  snapshot(): Snapshot;
  row(id: WorkerId): WorkerRow | null;
  settings(): SettingsView;
  listen(listener: Partial<DeskListener>): () => void;
  /** The machine goes to sleep, or has woken. */
  power(change: 'suspend' | 'resume'): void;
  /** Resolves once nothing of it is under way. */
  stop(): Promise<void>;
}
