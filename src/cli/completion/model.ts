import { defaultSettings, optionName, settingWords } from '../../shared/settings';
import { type AnyCommand, type Command, type Completed, isVerbatim, type Operand, type Option } from '../command';

/** What may be typed behind a word of the command line. */
export interface Offered {
  /** What stands for the value in the help. */
  placeholder: string;
  values: readonly string[];
  completed: Completed | null;
}

export interface OfferedOption {
  /** With its dashes. */
  flag: string;
  help: string;
  /** Null: a switch. */
  value: Offered | null;
  repeatable: boolean;
}

export interface OfferedCommand {
  name: string;
  summary: string;
  options: OfferedOption[];
  operand: Offered | null;
  /** Behind the operand. */
  second: Offered | null;
  /** Behind `--` stands another program with its arguments. */
  runsProgram: boolean;
}

/** Of every command what the completion of a shell offers. */
export function offeredCommands(commands: readonly AnyCommand[]): OfferedCommand[] {
  return commands.map((command) => ({
    name: command.name,
    summary: oneLine(command.summary),
    options: [...Object.entries(command.options).map(declared), ...settingsOf(command), HELP],
    operand: isVerbatim(command) ? null : word(command.operand),
    second: isVerbatim(command) ? null : word(command.second),
    runsProgram: isVerbatim(command),
  }));
}

const HELP: OfferedOption = { flag: '--help', help: 'All of this command.', value: null, repeatable: false };

function declared([name, { value, help, repeatable = false, ...rest }]: [string, Option]): OfferedOption {
  return {
    flag: `--${name}`,
    help: oneLine(help),
    value: value === undefined ? null : offered(rest, value),
    repeatable,
  };
}

function word(operand: Operand | undefined): Offered | null {
  return operand ? offered(operand, operand.name) : null;
}

function offered({ values = [], completed }: Pick<Operand, 'values' | 'completed'>, placeholder: string): Offered {
  return { placeholder, values, completed: completed ?? null };
}

function settingsOf(command: AnyCommand): OfferedOption[] {
  const defaults = defaultSettings();
  return ((command as Partial<Command>).settings ?? []).map((key) => ({
    flag: `--${optionName(key)}`,
    help: oneLine(settingWords(key).title),
    value: offered({ values: typeof defaults[key] === 'boolean' ? ['true', 'false'] : [] }, 'VALUE'),
    repeatable: false,
  }));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
