import type { SettingKey } from '../shared/settings';

/** A mistake on the command line: told in one line, exit 1. */
export class UsageError extends Error {}

export const EXIT_WELL = 0;
/** Something went wrong, was refused, or is not done as a whole. */
export const EXIT_ERROR = 1;
export const EXIT_NEEDS_PERSON = 2;

/** What a command has of the world around it. */
export interface Context {
  environment: Record<string, string | undefined>;
  /** Where relative paths start. */
  directory: string;
  /** The answer: tables for a person, JSON for a program. */
  out(text: string): void;
  /** Words beside the answer, one line each. */
  warn(message: string): void;
  look: Look;
  /** Ask a person, who types y or n; null: nobody sits at a terminal. */
  ask: ((question: string) => Promise<boolean>) | null;
  /** Resolves once the answer so far was taken by whoever reads it; never rejects. */
  taken(signal: AbortSignal): Promise<void>;
  /**
   * Do something that goes on until its signal is aborted: by Ctrl-C and the like, or because nobody reads the answer any
   * more. The exit code: its own, that of the signal, or 0.
   */
  untilEnded(run: (signal: AbortSignal) => Promise<number>): Promise<number>;
  /** Do something to its end: whoever interrupts it is told `what` goes on, and only a second time ends idlewatch. */
  uninterrupted<T>(what: string, run: () => Promise<T>): Promise<T>;
}

/** How the answer may look. */
export interface Look {
  color: boolean;
  /** Columns of the terminal; null: no terminal, so nothing is cut. */
  columns: number | null;
}

/** What the shell completion offers for a value beside those that are listed. */
export type Completed = 'worker' | 'directory';

export interface Option {
  /** What stands for its value in the help; absent: a switch. */
  value?: string;
  /** All it may be; anything else is a mistake. */
  values?: readonly string[];
  completed?: Completed;
  repeatable?: boolean;
  help: string;
}

/** A word behind a command. */
export interface Operand {
  name: string;
  values?: readonly string[];
  completed?: Completed;
  help: string;
}

/** What was given on the command line. */
export interface Given<Name extends string = string> {
  /** The word behind the command; empty where the command takes none. */
  operand: string;
  /** The word behind that one; null: there is none. */
  second: string | null;
  has(name: Name): boolean;
  text(name: Name): string | null;
  /** All values of a repeatable option. */
  all(name: Name): string[];
  settings: Partial<Record<SettingKey, unknown>>;
}

/** One command: what it is called, what it takes, what it does. */
export interface Command<Name extends string = string> {
  name: string;
  /** For the list of commands, one line. */
  summary: string;
  /** For its own help. */
  about: string;
  /** The word it needs behind its name, and what that is. */
  operand?: Operand;
  /** A word that may stand behind that one. Not with options that take values: see the completion for bash. */
  second?: Operand;
  options: Record<Name, Option>;
  /** The settings that are options of it too. */
  settings: readonly SettingKey[];
  /** Lines to type, each with what it does. */
  examples: Readonly<Record<string, string>>;
  /** The exit status, in words. */
  exit: string;
  /** Do it; the exit code. Rejects with what to tell in a line. */
  run(given: Given<Name>, context: Context): Promise<number>;
}

/** A command that reads its arguments itself, --help too: they are another program's, in part. */
export interface VerbatimCommand {
  name: string;
  summary: string;
  /** What it takes before the other program's command, for the shell completion. */
  options: Record<string, Option>;
  runVerbatim(args: string[], context: Context): Promise<number>;
}

export type AnyCommand = Command | VerbatimCommand;

/** Declare a command: options may only be asked for by the names it has. */
export function command<const Name extends string>(declared: Command<Name>): Command {
  return declared;
}

export function isVerbatim(it: AnyCommand): it is VerbatimCommand {
  return 'runVerbatim' in it;
}
