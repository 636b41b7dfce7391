import { resolve } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import {
  allowedValues,
  defaultSettings,
  isSettingKey,
  optionName,
  parseLayer,
  SETTING_KEYS,
  type SettingKey,
  settingFromText,
  settingWords,
} from '../shared/settings';

/** What the command line asks for. */
export type Request =
  | { command: 'help' }
  | { command: 'version' }
  | {
      command: 'status';
      /** Absolute; empty: look where the settings say. */
      workerDirs: string[];
      json: boolean;
      settings: Partial<Record<SettingKey, unknown>>;
    };

/** A mistake on the command line: told in one line, exit 1. */
export class UsageError extends Error {}

const COMMANDS = ['status'];
const KEYS = new Map(SETTING_KEYS.map((key) => [optionName(key), key]));

const OPTIONS: NonNullable<ParseArgsConfig['options']> = {
  'worker-dir': { type: 'string', multiple: true },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
  ...Object.fromEntries([...KEYS.keys()].map((name) => [name, { type: 'string' as const }])),
};

/**
 * Read the command line. Throws a UsageError that names what is wrong and what is allowed.
 *
 * @param args without the program and the script
 * @param from the directory that relative paths start in
 */
export function readRequest(args: string[], from: string): Request {
  const { tokens, values } = parse(args);
  if (values.help) return { command: 'help' };
  if (values.version) return { command: 'version' };
  refuseRepeated(tokens);
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const [command, extra] = words;
  if (command === undefined || !COMMANDS.includes(command)) {
    throw new UsageError(
      `${command === undefined ? 'no command was given' : `unknown command "${command}"`}; known is status`,
    );
  }
  if (extra !== undefined) {
    throw new UsageError(`unexpected "${extra}"; a directory is given as --worker-dir ${extra}`);
  }
  return {
    command: 'status',
    workerDirs: ((values['worker-dir'] as string[] | undefined) ?? []).map((path) => directory(path, from)),
    json: values.json === true,
    settings: settingsOf(values),
  };
}

type Parsed = { tokens: Token[]; values: Record<string, unknown> };
type Token = { kind: 'positional'; value: string } | { kind: 'option'; name: string } | { kind: 'option-terminator' };

function parse(args: string[]): Parsed {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true, tokens: true }) as Parsed;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const name = /'([^']*)'/.exec(message)?.[1] ?? 'option';
      const known = ['--worker-dir', '--json', '--help', '--version', ...[...KEYS.keys()].map((key) => `--${key}`)];
      throw new UsageError(`unknown option ${name}; known are ${known.join(', ')}`);
    }
    throw new UsageError(message.split('\n')[0] ?? message);
  }
}

/** Only --worker-dir may stand there twice: of two values, nobody knows which was meant. */
function refuseRepeated(tokens: Token[]): void {
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option' || token.name === 'worker-dir') continue;
    if (seen.has(token.name)) throw new UsageError(`--${token.name} is given twice; once is allowed`);
    seen.add(token.name);
  }
}

function directory(path: string, from: string): string {
  if (path === '') throw new UsageError('--worker-dir is empty; give the path of a directory');
  return resolve(from, path);
}

function settingsOf(values: Record<string, unknown>): Partial<Record<SettingKey, unknown>> {
  const settings: Partial<Record<SettingKey, unknown>> = {};
  for (const [name, key] of KEYS) {
    if (values[name] !== undefined) settings[key] = settingFromText(key, String(values[name]));
  }
  const wrong = parseLayer(settings, 'option').errors[0]?.key;
  if (wrong !== undefined && isSettingKey(wrong)) {
    const name = optionName(wrong);
    throw new UsageError(`--${name} is ${JSON.stringify(values[name])}; allowed is ${allowedValues(wrong)}`);
  }
  return settings;
}

/** The text of --help. */
export function helpText(): string {
  const settings = [...KEYS].map(([name, key]) => {
    const { description } = settingWords(key);
    return `  --${name} VALUE\n      ${description}\n      ${allowedValues(key)}; default ${shown(defaultSettings()[key])}`;
  });
  return `Usage: idlewatch status [--worker-dir PATH]… [--json] [settings]

One reading of all workers, as a table.

  --worker-dir PATH
      A state directory that holds workers/, a directory of worker directories, or one worker directory; repeatable.
      Without it: the directories in the settings, and every workers directory below $XDG_STATE_HOME/omk.
  --json
      One JSON object instead of the table.
  --help, --version

Exit status: 0 nothing needs a person · 2 a worker is stalled or dead · 1 an error, told on standard error

Settings, for this reading only (each is also an environment variable and a key of settings.json):
${settings.join('\n')}
`;
}

function shown(value: unknown): string {
  if (value === null) return 'none';
  return Array.isArray(value) && !value.length ? 'none' : String(value);
}
