import { z } from 'zod';
import {
  type BacktestReport,
  type Delta,
  type HealthStrip,
  HISTORY_RANGES,
  type HistoryAnswer,
  type KillPlan,
  type KillReceipt,
  type LoggedEvent,
  type PolicyMessage,
  type ReapPlan,
  type ReapReceipt,
  type Snapshot,
  type WorkerId,
} from './model';
import type { SettingError, Settings } from './settings';

/**
 * The contract between the window and the main process, written once.
 *
 * `commands` are asked by the window and answered by the main process; `pushes` go the other way. The schemas check
 * the arguments at the border, the types check both sides at compile time: a channel that is missing in the main
 * process's handlers or in the preload does not compile.
 */

interface Command<Args extends z.ZodTuple, Result> {
  args: Args;
  /** Only a type: it has no value. */
  result?: Result;
}

function command<Result>() {
  return <Args extends z.ZodTuple>(args: Args): Command<Args, Result> => ({ args });
}

/** How long a person wants to hear no more of a worker; each ends when the worker changes. */
export const SNOOZES = ['off', '15min', '1h', 'until_change'] as const;
export type Snooze = (typeof SNOOZES)[number];

const workerId = z.string().min(1).max(8192);
const planId = z.string().min(1).max(200);

/** What the window looks at: file events are spent on these. */
const focusSchema = z.strictObject({
  visible: z.array(workerId).max(500),
  selected: workerId.nullable(),
});
export type Focus = z.infer<typeof focusSchema>;

/** Where others reach this engine. */
export interface DoorsStatus {
  /** Addresses; null: not open. */
  api: string | null;
  gateway: string | null;
  /** What keeps one of them from being open as it should, in sentences. */
  problems: string[];
}

export interface SettingsView {
  /** In force: defaults, file, environment, options. */
  settings: Settings;
  /** Keys set by the environment or an option: the file cannot change them now. */
  pinned: string[];
  /** What is wrong with the file or the environment now. */
  errors: SettingError[];
  file: string;
  doors: DoorsStatus;
}

export type KillAnswer = { ok: true; receipt: KillReceipt } | { ok: false; reason: string };
export type ReapAnswer = { ok: true; receipt: ReapReceipt } | { ok: false; reason: string };
export type Answer = { ok: true } | { ok: false; reason: string };
export type BacktestAnswer = { ok: true; report: BacktestReport } | { ok: false; reason: string };
export type SettingsAnswer = { ok: true; view: SettingsView } | { ok: false; errors: SettingError[] };

export const commands = {
  /** The full picture; asked at the start and after a gap in `seq`. */
  'snapshot.get': command<Snapshot>()(z.tuple([])),
  'view.focus': command<void>()(z.tuple([focusSchema])),
  'watch.pause': command<void>()(z.tuple([z.boolean()])),
  'worker.snooze': command<Answer>()(z.tuple([workerId, z.enum(SNOOZES)])),
  /** Where its newest log lies; null where it has none. */
  'worker.logPath': command<string | null>()(z.tuple([workerId])),
  'worker.openFolder': command<Answer>()(z.tuple([workerId])),
  'worker.openLog': command<Answer>()(z.tuple([workerId])),
  /** The window itself may not write to the clipboard: it has no permission of any kind. */
  'clipboard.write': command<void>()(z.tuple([z.string().max(8192)])),
  /** How well these workers were in the last hour; those that are not known are left out. */
  'history.strips': command<Record<WorkerId, HealthStrip>>()(z.tuple([z.array(workerId).max(500)])),
  /** The figures of the charts, as far back as is asked for. */
  'history.points': command<HistoryAnswer>()(z.tuple([z.enum(HISTORY_RANGES)])),
  /** What these settings (a patch over those in force) would have ended in the recorded past. Changes nothing. */
  'policy.backtest': command<BacktestAnswer>()(z.tuple([z.record(z.string().max(100), z.unknown())])),
  /** What would be done; signals nothing. */
  'kill.plan': command<KillPlan>()(z.tuple([workerId])),
  /** Carry out a plan a person has seen. `acceptShared`: also where it ends other workers. */
  'kill.execute': command<KillAnswer>()(z.tuple([planId, z.strictObject({ acceptShared: z.boolean() })])),
  /** The policy may (false) or may not (true) end this worker; kept in settings.json. */
  'worker.keepAlive': command<Answer>()(z.tuple([workerId, z.boolean()])),
  /** What could be removed; removes nothing. */
  'reap.plan': command<ReapPlan>()(z.tuple([])),
  /** Remove what a plan a person has seen names, each after one more look. */
  'reap.execute': command<ReapAnswer>()(z.tuple([planId])),
  /** Automatic ending may go on. */
  'policy.closeBreaker': command<Answer>()(z.tuple([])),
  /** Watch a directory and keep it in the settings; null: ask for it with the system's dialog. */
  'directory.add': command<Answer>()(z.tuple([z.string().min(1).max(4096).nullable()])),
  /** Watch a directory until the engine ends; the settings stay as they are. */
  'directory.watch': command<Answer>()(z.tuple([z.string().min(1).max(4096)])),
  'demo.start': command<Answer>()(z.tuple([])),
  'settings.get': command<SettingsView>()(z.tuple([])),
  /** Change some keys of settings.json; null removes a key, so that its default holds again; see isNoneAValue. */
  'settings.set': command<SettingsAnswer>()(z.tuple([z.record(z.string().max(100), z.unknown())])),
} as const;

export type CommandName = keyof typeof commands;

/** What only a shell with a desktop can do: everybody else refuses it. */
export const SHELL_COMMANDS = ['worker.openFolder', 'worker.openLog', 'clipboard.write'] as const;
/** What belongs to one viewer alone. */
export const VIEW_COMMANDS = ['snapshot.get', 'view.focus'] as const;
/** What the engine answers, wherever it runs. */
export type DeskCommand = Exclude<CommandName, (typeof SHELL_COMMANDS)[number] | (typeof VIEW_COMMANDS)[number]>;
export type CommandArgs<C extends CommandName> = z.infer<(typeof commands)[C]['args']>;
export type CommandResult<C extends CommandName> =
  (typeof commands)[C] extends Command<z.ZodTuple, infer Result> ? Result : never;

/** What travels back over the command channel: the result, or in words why there is none. */
export type Reply<R> = { ok: true; value: R } | { ok: false; message: string };

/** Sent by the main process to a visible window. */
export interface Pushes {
  delta: Delta;
  /** Show this worker: a notification or the tray's menu was clicked. */
  select: WorkerId;
  /** Ask before ending this worker: the tray's Kill… was clicked. */
  askKill: WorkerId;
  /** Show what could be removed: the tray's Clean up… was clicked. */
  askReap: null;
  settings: SettingsView;
  /** Why the picture does not go on, in words; null when it does again. Whoever tells it tries again by itself. */
  lost: string | null;
}

export type PushName = keyof Pushes;

/**
 * What the engine sends to a shell in another process or to a page, over `GET /api/desk/stream` (SSE, one event a line of
 * this record): first `open`, then the rest as it happens.
 */
export interface StreamEvents {
  /** `viewer` names this stream where its focus is told. */
  open: { viewer: string; snapshot: Snapshot; settings: SettingsView };
  delta: Delta;
  settings: SettingsView;
  event: LoggedEvent;
  tell: PolicyMessage;
}

/** What the preload puts on `window.idlewatch`. */
export interface Bridge {
  invoke<C extends CommandName>(name: C, ...args: CommandArgs<C>): Promise<CommandResult<C>>;
  /** Listen to a push; returns the function that stops listening. */
  on<P extends PushName>(name: P, listener: (payload: Pushes[P]) => void): () => void;
  /** `page`: in a browser, where nothing of the desktop can be reached. */
  shell: 'app' | 'page';
  platform: string;
}
