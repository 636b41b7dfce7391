import { allowedValues, defaultSettings, optionName, type SettingKey, settingWords } from '../shared/settings';
import type { Command, Option } from './command';
import type { CommandGroup } from './commands';

/** `idlewatch --help`: the commands, by what they are for. */
export function commandsHelp(groups: readonly CommandGroup[]): string {
  const width = Math.max(...groups.flatMap(({ commands }) => commands.map(({ name }) => name.length)));
  const parts = groups.map(({ title, commands }) =>
    [title, ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)].join('\n'),
  );
  return `Usage: idlewatch COMMAND [options]

${parts.join('\n\n')}

  --help, --version

idlewatch COMMAND --help tells all of one.
`;
}

/** `idlewatch COMMAND --help`. */
export function commandHelp(command: Command): string {
  const { operand, second, about, options, examples, exit, settings } = command;
  const words = [operand, second].flatMap((each) => (each ? [`  ${each.name}\n${indented(withValues(each))}`] : []));
  const parts = [
    `Usage: ${usage(command)}`,
    about,
    [...words, optionsHelp(options), '  --help, --version'].filter(Boolean).join('\n'),
    examplesHelp(examples),
    `Exit status: ${exit}`,
    ...settingsHelp(settings),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Each option with what it takes and does. */
export function optionsHelp(options: Record<string, Option>): string {
  const each = Object.entries(options).map(([name, option]) => {
    const shown = option.value === undefined ? `  --${name}` : `  --${name} ${option.value}`;
    return `${shown}\n${indented(withValues(option))}`;
  });
  return each.join('\n');
}

function withValues({ help, values, repeatable }: Pick<Option, 'help' | 'values' | 'repeatable'>): string {
  const allowed = values ? `${help} One of ${values.join(', ')}.` : help;
  return repeatable ? `${allowed} Repeatable.` : allowed;
}

/** Lines to type, each below what it does. */
export function examplesHelp(examples: Readonly<Record<string, string>>): string {
  const lines = Object.entries(examples).map(([line, about]) => `  # ${about}\n  ${line}`);
  return ['Examples:', ...lines].join('\n');
}

function usage({ name, operand, second, options, settings }: Command): string {
  const shown = Object.entries(options).map(
    ([option, { value, repeatable }]) =>
      `[--${option}${value === undefined ? '' : ` ${value}`}]${repeatable ? '…' : ''}`,
  );
  const operands = [...(operand ? [operand.name] : []), ...(second ? [`[${second.name}]`] : [])];
  const words = ['idlewatch', name, ...operands, ...shown];
  return [...words, ...(settings.length ? ['[settings]'] : [])].join(' ');
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');
}

function settingsHelp(keys: readonly SettingKey[]): string[] {
  if (!keys.length) return [];
  const settings = keys.map((key) => {
    const { description } = settingWords(key);
    const allowed = `${allowedValues(key)}; default ${shownDefault(defaultSettings()[key])}`;
    return `  --${optionName(key)} VALUE\n${indented(`${description}\n${allowed}`)}`;
  });
  const head = 'Settings, for this once only (each is also an environment variable and a key of settings.json):';
  return [[head, ...settings].join('\n')];
}

function shownDefault(value: unknown): string {
  if (value === null) return 'none';
  if (typeof value === 'object') return Object.keys(value).length ? JSON.stringify(value) : 'none';
  return String(value);
}
