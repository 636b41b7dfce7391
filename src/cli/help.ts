import { allowedValues, defaultSettings, optionName, type SettingKey, settingWords } from '../shared/settings';
import type { AnyCommand, Command } from './command';

/** `idlewatch --help`: the commands. */
export function commandsHelp(commands: readonly AnyCommand[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: idlewatch COMMAND [options]

${lines.join('\n')}

  --help, --version

idlewatch COMMAND --help tells all of one.
`;
}

/** `idlewatch COMMAND --help`. */
export function commandHelp(command: Command): string {
  const operand = command.operand ? [`  ${command.operand.name}\n${indented(command.operand.help)}`] : [];
  const options = Object.entries(command.options).map(([name, { value, repeatable, help }]) => {
    const shown = value === undefined ? `  --${name}` : `  --${name} ${value}`;
    return `${shown}\n${indented(repeatable ? `${help} Repeatable.` : help)}`;
  });
  const parts = [
    `Usage: ${usage(command)}`,
    command.about,
    [...operand, ...options, '  --help, --version'].join('\n'),
    `Exit status: ${command.exit}`,
    ...settingsHelp(command.settings),
  ];
  return `${parts.join('\n\n')}\n`;
}

function usage({ name, operand, options, settings }: Command): string {
  const shown = Object.entries(options).map(
    ([option, { value, repeatable }]) =>
      `[--${option}${value === undefined ? '' : ` ${value}`}]${repeatable ? '…' : ''}`,
  );
  const words = ['idlewatch', name, ...(operand ? [operand.name] : []), ...shown];
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
