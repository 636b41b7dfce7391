import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { type Option, UsageError } from './command';
import { examplesHelp, optionsHelp } from './help';
import { readSeconds } from './options';

/** What `idlewatch run` is asked for. */
export interface RunRequest {
  name: string;
  key: string | null;
  timeoutMs: number | null;
  idleTimeoutMs: number | null;
  /** Null: as the settings say. */
  killGraceMs: number | null;
  maxLogBytes: number;
  /** The program and its arguments, as they were given. */
  command: string[];
}

/** What stands before the command's own words. */
export const RUN_OPTIONS = {
  name: { value: 'NAME', help: 'What it is called in the window and the tables; by default the name of its program.' },
  key: {
    value: 'KEY',
    help: 'Only one run of a key at a time, on this machine: a second one says who runs it and exits 75.',
  },
  timeout: { value: 'S', help: 'End it with all it has started after so many seconds, and exit 124.' },
  'idle-timeout': { value: 'S', help: 'The same after so many seconds without output.' },
  grace: {
    value: 'S',
    help: 'What is ended gets so many seconds from SIGTERM to SIGKILL; by default as the settings say (killGraceMs).',
  },
  'max-output': {
    value: 'SIZE',
    help: 'How large its log may grow: beyond, the middle is dropped. B, kB, MB or GB; by default 10MB.',
  },
} satisfies Record<string, Option>;
const EXAMPLES = {
  'idlewatch run -- npm test': 'watch any command',
  'idlewatch run --name nightly --key nightly --timeout 3600 -- ./nightly.sh': 'one at a time, for an hour at most',
};
const PARSED = {
  name: { type: 'string' },
  key: { type: 'string' },
  timeout: { type: 'string' },
  'idle-timeout': { type: 'string' },
  grace: { type: 'string' },
  'max-output': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Record<keyof typeof RUN_OPTIONS | 'help', object>;
const KNOWN = Object.keys(RUN_OPTIONS)
  .map((name) => `--${name}`)
  .join(', ');
const USAGE =
  'idlewatch run [--name NAME] [--key KEY] [--timeout S] [--idle-timeout S] [--grace S] [--max-output SIZE] -- COMMAND…';

const TEXT_MAX = 200;
const LONGEST_GRACE_SECS = 600;
const DEFAULT_MAX_LOG_BYTES = 10_000_000;
const SMALLEST_LOG_BYTES = 4_000;
const LARGEST_LOG_BYTES = 1_000_000_000_000;
const UNITS: Record<string, number> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9 };

/**
 * Read what stands behind `idlewatch run`. All behind the first `--` is the command, untouched. Null: help is asked for.
 * Throws a UsageError that names what is wrong and what is allowed.
 */
export function readRunOptions(args: string[]): RunRequest | null {
  const end = args.indexOf('--');
  const values = parse(end === -1 ? args : args.slice(0, end));
  if (values.help === true) return null;
  const command = end === -1 ? [] : args.slice(end + 1);
  const [program] = command;
  if (!program) throw new UsageError(`no command was given; it stands behind --: ${USAGE}`);
  return {
    name: text('name', values.name) ?? text('name', basename(program).slice(0, TEXT_MAX)) ?? program,
    key: text('key', values.key),
    timeoutMs: seconds('timeout', values.timeout),
    idleTimeoutMs: seconds('idle-timeout', values['idle-timeout']),
    killGraceMs: seconds('grace', values.grace, { from: 0, to: LONGEST_GRACE_SECS }),
    maxLogBytes: size('max-output', values['max-output']) ?? DEFAULT_MAX_LOG_BYTES,
    command,
  };
}

type Values = { [Name in keyof typeof PARSED]?: string | boolean };

function parse(args: string[]): Values {
  try {
    const { values, tokens } = parseArgs({ args, options: PARSED, allowPositionals: true, tokens: true });
    const seen = new Set<string>();
    for (const token of tokens) {
      if (token.kind === 'positional') {
        throw new UsageError(`unexpected "${token.value}"; the command stands behind --: ${USAGE}`);
      }
      if (token.kind !== 'option') continue;
      if (seen.has(token.name)) throw new UsageError(`--${token.name} is given twice; once is allowed`);
      seen.add(token.name);
    }
    return values;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw new UsageError(message.split('\n')[0] ?? message);
    throw new UsageError(`unknown option ${/'([^']*)'/.exec(message)?.[1] ?? ''}; known are ${KNOWN}`);
  }
}

function text(option: string, value: string | boolean | undefined): string | null {
  if (value === undefined) return null;
  const given = String(value);
  const isPlain = given.trim() !== '' && given.length <= TEXT_MAX && !/\p{Cc}/u.test(given);
  if (isPlain) return given;
  throw new UsageError(
    `--${option} is ${JSON.stringify(given)}; allowed are 1 to ${TEXT_MAX} characters, none of them a control character`,
  );
}

function seconds(
  option: string,
  value: string | boolean | undefined,
  bounds?: { from: number; to: number },
): number | null {
  return value === undefined ? null : readSeconds(String(value), option, bounds);
}

function size(option: string, value: string | boolean | undefined): number | null {
  if (value === undefined) return null;
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?(B|kB|KB|MB|GB)$/.exec(String(value)) ?? [];
  const bytes = Math.round(Number(number || Number.NaN) * (UNITS[unit.toLowerCase()] ?? Number.NaN));
  if (bytes >= SMALLEST_LOG_BYTES && bytes <= LARGEST_LOG_BYTES) return bytes;
  throw new UsageError(
    `--${option} is ${JSON.stringify(value)}; allowed is a size from 4kB to 1000GB, such as 500kB, 10MB or 1.5GB`,
  );
}

/** The text of `idlewatch run --help`. */
export function runHelp(): string {
  return `Usage: ${USAGE}

Run a command as a watched worker. It gets the same input and output, signals, arguments and terminal as without idlewatch,
and its exit code is passed on. It runs in a session and process group of its own, so Ctrl-Z does not suspend it.

${optionsHelp(RUN_OPTIONS)}
  --help

${examplesHelp(EXAMPLES)}

Exit status: the command's own; where a signal ended it, idlewatch ends by the same signal.
  75   another run holds the key
  124  it was ended, for its time was over
  125  idlewatch itself failed, or was called wrongly: the command was not started
  126  the command was found and could not be started
  127  the command was not found
`;
}
