/** What the supervisor needs from the machine to run a command. src/host/command implements it. */

/** Signals that are handed on to the command as they come. */
export const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
export type ForwardedSignal = (typeof FORWARDED_SIGNALS)[number];

export interface CommandRequest {
  /** The program and its arguments; never a shell's line. */
  command: readonly string[];
  /** Absolute. */
  workingDirectory: string;
  /** Value of IDLEWATCH_WORKER_DIR for the command, and where its log goes; null: it has no worker directory. */
  workerDirectory: string | null;
}

export interface CommandListener {
  /** So many bytes more were put out. */
  onOutput(bytes: number): void;
  /** Something a person should know of the run, in a sentence: output left out of the log, a log that cannot be written. */
  onNotice(text: string): void;
}

/** How a command's first process ended: by itself with a code, or by a signal. The other one is null. */
export interface CommandEnd {
  exitCode: number | null;
  signal: string | null;
}

/** The command could not be started. */
export class CommandNotStartedError extends Error {
  override readonly name = 'CommandNotStartedError';

  /** @param exitCode as shells have it: 127 not found, 126 found and not executable */
  constructor(
    message: string,
    readonly exitCode: 126 | 127,
  ) {
    super(message);
  }
}

/** A command that runs, as the leader of a session and process group of its own. */
export interface RunningCommand {
  readonly pid: number;
  /** Its first process has ended. Others may live on, and what it put out may not have been passed on yet. */
  readonly ended: Promise<CommandEnd>;
  /**
   * Resolves once everything it put out was passed on, after its end. What processes it left behind put out is passed on for
   * some seconds more. `limitMs`: how long whoever reads the output may keep it waiting; null: for ever.
   */
  passedOn(limitMs: number | null): Promise<void>;
  /** Pass on nothing more: `passedOn` resolves soon. */
  giveUp(): void;
  /** It cannot put out more now, because what it did put out has not been read. */
  isHeldUp(): boolean;
  /** To all of its process group; nothing once its first process has ended. */
  signalGroup(signal: ForwardedSignal | 'SIGKILL'): void;
}

export interface CommandRunner {
  /** Rejects with a CommandNotStartedError. */
  start(request: CommandRequest, listener: CommandListener): Promise<RunningCommand>;
}

/** Signals sent to this process itself. */
export interface SignalEvents {
  /** In place of what they would do by themselves; returns the function that ends this. */
  on(listener: (signal: ForwardedSignal) => void): () => void;
}

/** The files of one run's worker directory. */
export interface RunDirectory {
  /** Real path. */
  readonly path: string;
  /** Write a JSON file of it as a whole: readers see the old one or the new one. Throws where it cannot be written. */
  write(name: 'worker-spec.json' | 'heartbeat.json', value: object): void;
}

/** Where the worker directories of supervised runs lie. */
export interface RunFolder {
  /** Absolute path of the worker directory of a run, whether or not it is there. */
  pathOf(id: string): string;
  /** Make it, readable by its owner alone. Throws where it cannot be made. */
  make(id: string): RunDirectory;
}
