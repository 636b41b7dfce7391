import { resolve } from 'node:path';
import { optionName, SETTING_KEYS, type SettingKey, settingFromText } from '../shared/settings';

/** What the command line asks for. */
export interface Options {
  /** Absolute; none of either kind: look where the settings say. */
  workerDirs: string[];
  workbenchDirs: string[];
  /** Start in the tray, without a window. */
  hidden: boolean;
  settings: Partial<Record<SettingKey, unknown>>;
}

export type OptionsResult = { ok: true; options: Options } | { ok: false; message: string };

/**
 * Switches of Electron and Chromium that people put behind ours (`npm start -- --no-sandbox`). Those before the
 * application's folder are never looked at.
 */
const CHROMIUM =
  /^--(no-|enable-|disable-|force-|ozone-|remote-|inspect|js-flags|use-|ignore-|log-|lang|proxy-|user-data-dir|password-store|in-process-gpu|trace|v=|vmodule|gtk-version|class|name=)/;

const DIRECTORY_OPTIONS: Record<string, 'workerDirs' | 'workbenchDirs'> = {
  '--worker-dir': 'workerDirs',
  '--workbench-dir': 'workbenchDirs',
};

/** `argv` as Electron has it: the program, its own switches, the application's folder unless packaged, then ours. */
export function ownArguments(argv: string[], isPackaged: boolean): string[] {
  const rest = argv.slice(1);
  if (isPackaged) return rest;
  const folder = rest.findIndex((argument) => !argument.startsWith('-'));
  return folder === -1 ? [] : rest.slice(folder + 1);
}

/** Read our options; `from` is the folder that relative paths start in. */
export function readOptions(args: string[], from: string): OptionsResult {
  const settingKeys = new Map(SETTING_KEYS.map((key) => [`--${optionName(key)}`, key]));
  const options: Options = { workerDirs: [], workbenchDirs: [], hidden: false, settings: {} };
  const queue = [...args];
  for (let argument = queue.shift(); argument !== undefined; argument = queue.shift()) {
    const { name, inline } = split(argument);
    if (name === '--hidden' && inline === undefined) {
      options.hidden = true;
      continue;
    }
    const key = settingKeys.get(name);
    const directories = DIRECTORY_OPTIONS[name];
    if (!directories && !key) {
      if (CHROMIUM.test(argument)) continue;
      return { ok: false, message: unknownOption(argument, settingKeys.keys()) };
    }
    const value = inline ?? queue.shift();
    if (value === undefined || value === '') {
      return { ok: false, message: `option ${name} needs a value, such as ${example(name)}` };
    }
    if (key) options.settings[key] = settingFromText(key, value);
    else if (directories) options[directories].push(resolve(from, value));
  }
  return { ok: true, options };
}

function split(argument: string): { name: string; inline: string | undefined } {
  const equals = argument.indexOf('=');
  if (!argument.startsWith('--') || equals === -1) return { name: argument, inline: undefined };
  return { name: argument.slice(0, equals), inline: argument.slice(equals + 1) };
}

function unknownOption(argument: string, settingOptions: Iterable<string>): string {
  return `unknown option ${argument}; known are --worker-dir PATH, --workbench-dir PATH, --hidden, ${[...settingOptions].join(' VALUE, ')} VALUE`;
}

function example(name: string): string {
  return name in DIRECTORY_OPTIONS ? `${name} ~/project/.workers` : `${name} 30`;
}
