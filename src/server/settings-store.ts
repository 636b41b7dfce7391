import type { SettingsFile, SettingsFileRead } from '../host/settings-file';
import type { DoorsStatus, SettingsAnswer, SettingsView } from '../shared/ipc';
import type { Asker } from '../shared/model';
import { showWhole } from '../shared/setting-words';
import {
  isNoneAValue,
  isSettingKey,
  SETTING_KEYS,
  type SettingError,
  type SettingKey,
  type Settings,
} from '../shared/settings';
import { layerSettings, type SettingsLayer, settingsFromEnvironment } from '../shared/settings-layers';

/** The settings in force, and the file behind them. */
export interface SettingsStore {
  view(): SettingsView;
  /** The directories the file itself names, whatever lies over it. */
  directoriesInFile(): string[];
  /** Change some keys of the file (null removes one, unless `isNoneAValue`). Refused as a whole when the file would then hold anything wrong. */
  set(patch: Record<string, unknown>, askedBy: Asker): SettingsAnswer;
  /** What would hold with these changes, or what is wrong with them. Changes nothing. */
  tried(patch: Record<string, unknown>): { ok: true; settings: Settings } | { ok: false; errors: SettingError[] };
  /** Tells every change of the view: a setting, or what is wrong. */
  onChange(listener: (view: SettingsView, change: SettingsChange) => void): void;
  /** Where others reach the engine now: part of the view. */
  noteDoors(doors: DoorsStatus): void;
  close(): void;
}

/** Who changed what. */
export interface SettingsChange {
  /** Null: somebody wrote into the file. */
  askedBy: Asker | null;
  /** Keys whose value in force is another one now, with both as JSON, less the passwords in them. */
  changed: { key: SettingKey; was: string; is: string }[];
}

interface SettingsSources {
  file: SettingsFile;
  environment: Record<string, string | undefined>;
  options: Partial<Record<SettingKey, unknown>>;
}

/**
 * Defaults < settings.json < environment < options. At the start wrong keys are left out and named; later, while the
 * file holds anything wrong, the last good settings stay in force.
 */
export function createSettingsStore({ file, environment, options }: SettingsSources): SettingsStore {
  const above: SettingsLayer[] = [settingsFromEnvironment(environment), { from: 'option', values: options }];
  const pinned = [...new Set(above.flatMap(({ values }) => Object.keys(values)))];
  const listeners: ((view: SettingsView, change: SettingsChange) => void)[] = [];
  let doors: DoorsStatus = { api: null, gateway: null, problems: [] };
  let current = judge(file.read(), 'settings.json', above);

  const view = (): SettingsView => ({ ...current, pinned, file: file.path, doors });

  function take(next: Judged, askedBy: Asker | null): void {
    const before = current;
    const settings = blamesFile(next.errors) ? before.settings : next.settings;
    current = { errors: next.errors, settings };
    if (JSON.stringify(current) === JSON.stringify(before)) return;
    const change = { askedBy, changed: changes(before.settings, settings) };
    for (const listener of listeners) listener(view(), change);
  }

  const unwatch = file.watch(() => take(judge(file.read(), 'settings.json', above), null));

  /** What the file would hold, and what would hold then. */
  function afterwards(patch: Record<string, unknown>) {
    const before = file.read();
    if (!before.ok) return refusal(`${before.message}; mend it by hand first`);
    const values = patched(before.values, patch);
    const next = judge({ ok: true, values }, 'settings page', above);
    const errors = next.errors.filter(isOfFile);
    return errors.length ? { ok: false as const, errors } : { ok: true as const, values, next };
  }

  return {
    view,
    directoriesInFile() {
      const read = file.read();
      return layerSettings([{ from: 'settings.json', values: read.ok ? read.values : {} }]).settings.workerDirs;
    },
    tried(patch) {
      const outcome = afterwards(patch);
      return outcome.ok ? { ok: true, settings: outcome.next.settings } : outcome;
    },
    set(patch, askedBy) {
      const outcome = afterwards(patch);
      if (!outcome.ok) return outcome;
      try {
        file.write(outcome.values);
      } catch (error) {
        return refusal(`settings.json cannot be written: ${(error as Error).message}`);
      }
      take(outcome.next, askedBy);
      return { ok: true, view: view() };
    },
    noteDoors(next) {
      doors = next;
      for (const listener of listeners) listener(view(), { askedBy: null, changed: [] });
    },
    onChange: (listener) => void listeners.push(listener),
    close: unwatch,
  };
}

interface Judged {
  settings: Settings;
  errors: SettingError[];
}

function judge(read: SettingsFileRead, from: string, above: SettingsLayer[]): Judged {
  const { settings, errors } = layerSettings([{ from, values: read.ok ? read.values : {} }, ...above]);
  return read.ok ? { settings, errors } : { settings, errors: [fileError(read.message), ...errors] };
}

function patched(values: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  const isGivenUp = ([key, value]: [string, unknown]) => value === null && !(isSettingKey(key) && isNoneAValue(key));
  return Object.fromEntries(Object.entries({ ...values, ...patch }).filter((entry) => !isGivenUp(entry)));
}

/** The environment's faults are there whatever the file says. */
const isOfFile = (error: SettingError): boolean => error.from !== 'environment' && error.from !== 'option';
const blamesFile = (errors: SettingError[]): boolean => errors.some(isOfFile);

function fileError(message: string): SettingError {
  return { key: '(all)', from: 'settings.json', message };
}

function changes(was: Settings, is: Settings): SettingsChange['changed'] {
  const differing = SETTING_KEYS.filter((key) => JSON.stringify(was[key]) !== JSON.stringify(is[key]));
  return differing.map((key) => ({ key, was: showWhole(was[key]), is: showWhole(is[key]) }));
}

function refusal(message: string): { ok: false; errors: SettingError[] } {
  return { ok: false, errors: [fileError(message)] };
}
