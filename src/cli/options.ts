import { type ParseArgsConfig, parseArgs } from 'node:util';
import {
  allowedValues,
  isSettingKey,
  optionName,
  parseLayer,
  type SettingKey,
  settingFromText,
} from '../shared/settings';
import {
  type AnyCommand,
  type Command,
  type Given,
  isVerbatim,
  type Operand,
  UsageError,
  type VerbatimCommand,
} from './command';

/** What every command takes. */
const COMMON = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

type Options = NonNullable<ParseArgsConfig['options']>;
type Values = Record<string, string | boolean | string[] | undefined>;
type Token =
  | { kind: 'positional'; index: number; value: string }
  | { kind: 'option'; index: number; name: string }
  | { kind: 'option-terminator'; index: number };

/** What the command line asks for. */
export type Request =
  | { ask: 'help'; command: Command | null }
  | { ask: 'version' }
  | { ask: 'verbatim'; command: VerbatimCommand; args: string[] }
  | { ask: 'run'; command: Command; given: Given };

/**
 * Read the command line. Throws a UsageError that names what is wrong and what is allowed.
 *
 * @param args without the program and the script
 */
export function readRequest(args: string[], commands: readonly AnyCommand[]): Request {
  const found = commandIn(args, commands);
  if (!found) return { ask: wantsVersion(args) ? 'version' : 'help', command: null };
  const { command, rest } = found;
  if (isVerbatim(command)) return { ask: 'verbatim', command, args: rest };
  const { tokens, values } = parse(rest, command);
  if (values.help) return { ask: 'help', command };
  if (values.version) return { ask: 'version' };
  refuseRepeated(tokens, command);
  return { ask: 'run', command, given: given(wordsIn(tokens, command), values, command) };
}

/** The command, and what is left of the line without it. Null: help or version is asked for. */
function commandIn(args: string[], commands: readonly AnyCommand[]): { command: AnyCommand; rest: string[] } | null {
  const index = indexOfCommand(args, commands);
  const word = index === null ? undefined : args[index];
  const known = commands.map(({ name }) => name).join(', ');
  if (index === null || word === undefined) {
    if (args.some((arg) => ['--help', '-h', '--version', '-V'].includes(arg))) return null;
    throw new UsageError(`no command was given; known are ${known}`);
  }
  if (word === 'help' && args.length === 1) return null;
  const command = commands.find(({ name }) => name === word);
  if (!command) throw new UsageError(`unknown command "${word}"; known are ${known}`);
  if (isVerbatim(command) && index > 0) {
    throw new UsageError(`${args[0]} stands before ${word}; the options of ${word} stand behind it`);
  }
  return { command, rest: args.toSpliced(index, 1) };
}

/** The first word that is no option and no option's value. */
function indexOfCommand(args: string[], commands: readonly AnyCommand[]): number | null {
  if (args[0] !== undefined && !args[0].startsWith('-')) return 0;
  const options = Object.assign({}, ...commands.map((each) => (isVerbatim(each) ? {} : optionsOf(each)))) as Options;
  const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true });
  return tokens.find(({ kind }) => kind === 'positional')?.index ?? null;
}

function wantsVersion(args: string[]): boolean {
  return args.includes('--version') || args.includes('-V');
}

function optionsOf(command: Command): Options {
  const own = Object.entries(command.options).map(([name, { value, repeatable = false }]) => [
    name,
    value === undefined ? { type: 'boolean' } : { type: 'string', multiple: repeatable },
  ]);
  const settings = command.settings.map((key) => [optionName(key), { type: 'string' }]);
  return { ...Object.fromEntries([...own, ...settings]), ...COMMON };
}

function parse(args: string[], command: Command): { tokens: Token[]; values: Values } {
  const options = optionsOf(command);
  try {
    return parseArgs({ args, options, allowPositionals: true, tokens: true }) as { tokens: Token[]; values: Values };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const name = /'([^']*)'/.exec(message)?.[1] ?? 'option';
      const known = orderedNames(command).map((each) => `--${each}`);
      throw new UsageError(`unknown option ${name}; known are ${known.join(', ')}`);
    }
    throw new UsageError(message.split('\n')[0] ?? message);
  }
}

function orderedNames(command: Command): string[] {
  return [...Object.keys(command.options), ...Object.keys(COMMON), ...command.settings.map(optionName)];
}

/** Of two values, nobody knows which was meant. */
function refuseRepeated(tokens: Token[], command: Command): void {
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option' || command.options[token.name]?.repeatable) continue;
    if (seen.has(token.name)) throw new UsageError(`--${token.name} is given twice; once is allowed`);
    seen.add(token.name);
  }
}

/** What people mean by a word behind a command that takes none. */
const MEANT_BY_A_WORD = [
  { option: 'worker', what: 'a worker' },
  { option: 'worker-dir', what: 'a directory' },
] as const;

/** The words behind the command: as many as it takes at most, and the one it needs. */
function wordsIn(tokens: Token[], { name, operand, second, options }: Command): string[] {
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const taken = [operand, second].filter((each) => each !== undefined);
  const unexpected = words[taken.length];
  if (unexpected !== undefined) {
    const meant = operand ? [] : MEANT_BY_A_WORD.filter(({ option }) => option in options);
    const allowed = meant.length
      ? meant.map(({ option, what }) => `${what} is given as --${option} ${unexpected}`).join(', ')
      : `${name} takes ${taken.map((each) => `one ${each.name}`).join(' and ') || 'options alone'}`;
    throw new UsageError(`unexpected "${unexpected}"; ${allowed}`);
  }
  if (operand && !words[0]) throw new UsageError(`${name} needs ${operand.name}${meaning(operand)}`);
  for (const [index, word] of words.entries()) refuseUnknown(taken[index]?.name ?? '', word, taken[index]?.values);
  return words;
}

function meaning({ values, help }: Operand): string {
  return values ? `, one of ${values.join(', ')}` : `: ${help}`;
}

function given([operand = '', second]: string[], values: Values, command: Command): Given {
  for (const [name, { value, values: allowed }] of Object.entries(command.options)) {
    if (value === undefined) continue;
    for (const each of [values[name]].flat()) {
      if (each === '') throw new UsageError(`--${name} is empty; give ${value}`);
      if (each !== undefined) refuseUnknown(`--${name}`, String(each), allowed);
    }
  }
  return {
    operand,
    second: second ?? null,
    has: (name) => values[name] === true,
    text: (name) => (values[name] as string | undefined) ?? null,
    all: (name) => (values[name] as string[] | undefined) ?? [],
    settings: settingsIn(values, command.settings),
  };
}

function refuseUnknown(what: string, given: string, allowed: readonly string[] | undefined): void {
  if (!allowed || allowed.includes(given)) return;
  throw new UsageError(`${what} is ${JSON.stringify(given)}; allowed is ${allowed.join(', ')}`);
}

function settingsIn(values: Values, keys: readonly SettingKey[]): Partial<Record<SettingKey, unknown>> {
  const settings: Partial<Record<SettingKey, unknown>> = {};
  for (const key of keys) {
    const text = values[optionName(key)];
    if (text !== undefined) settings[key] = readSetting(key, String(text), optionName(key));
  }
  return settings;
}

/** A setting's value as an option gives it. Throws a UsageError that names what is allowed. */
export function readSetting(key: SettingKey, text: string, option: string): unknown {
  const value = settingFromText(key, text);
  const wrong = parseLayer({ [key]: value }, 'option').errors[0]?.key;
  if (wrong !== undefined && isSettingKey(wrong)) {
    throw new UsageError(`--${option} is ${JSON.stringify(text)}; allowed is ${allowedValues(wrong)}`);
  }
  return value;
}

/** A whole number of at least 1, given as an option. */
export function readCount(text: string, option: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new UsageError(`--${option} is ${JSON.stringify(text)}; allowed is a whole number from 1`);
  return value;
}

/** A length in seconds, given as an option; in milliseconds. */
export function readSeconds(text: string, option: string, { from, to } = { from: 0.1, to: 31_536_000 }): number {
  const secs = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (secs >= from && secs <= to) return Math.round(secs * 1000);
  throw new UsageError(`--${option} is ${JSON.stringify(text)}; allowed is a number of seconds from ${from} to ${to}`);
}
