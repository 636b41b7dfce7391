import type { SettingsFile, SettingsFileRead } from '../host/settings-file';
import type { SettingsAnswer, SettingsView } from '../shared/ipc';
import type { SettingError, SettingKey, Settings } from '../shared/settings';
import { layerSettings, type SettingsLayer, settingsFromEnvironment } from '../shared/settings-layers';

/** The settings in force, and the file behind them. */
export interface SettingsStore {
  view(): SettingsView;
  /** The directories the file itself names, whatever lies over it. */
  directoriesInFile(): string[];
  /** Change some keys of the file (null removes one). Refused as a whole when the file would then hold anything wrong. */
  set(patch: Record<string, unknown>): SettingsAnswer;
  /** Tells every change of the view: a setting, or what is wrong. */
  onChange(listener: (view: SettingsView) => void): void;
  close(): void;
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
  const listeners: ((view: SettingsView) => void)[] = [];
  let current = judge(file.read(), 'settings.json', above);

  const view = (): SettingsView => ({ ...current, pinned, file: file.path });

  function take(next: Judged): void {
    const settings = blamesFile(next.errors) ? current.settings : next.settings;
    const changed = JSON.stringify({ ...next, settings }) !== JSON.stringify(current);
    current = { errors: next.errors, settings };
    if (changed) for (const listener of listeners) listener(view());
  }

  const unwatch = file.watch(() => take(judge(file.read(), 'settings.json', above)));

  return {
    view,
    directoriesInFile() {
      const read = file.read();
      return layerSettings([{ from: 'settings.json', values: read.ok ? read.values : {} }]).settings.workerDirs;
    },
    set(patch) {
      const before = file.read();
      if (!before.ok) return refusal(`${before.message}; mend it by hand first`);
      const values = patched(before.values, patch);
      const next = judge({ ok: true, values }, 'settings page', above);
      if (blamesFile(next.errors)) return { ok: false, errors: next.errors.filter(isOfFile) };
      try {
        file.write(values);
      } catch (error) {
        return refusal(`settings.json cannot be written: ${(error as Error).message}`);
      }
      take(next);
      return { ok: true, view: view() };
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
  return Object.fromEntries(Object.entries({ ...values, ...patch }).filter(([, value]) => value !== null));
}

/** The environment's faults are there whatever the file says. */
const isOfFile = (error: SettingError): boolean => error.from !== 'environment' && error.from !== 'option';
const blamesFile = (errors: SettingError[]): boolean => errors.some(isOfFile);

function fileError(message: string): SettingError {
  return { key: '(all)', from: 'settings.json', message };
}

function refusal(message: string): SettingsAnswer {
  return { ok: false, errors: [fileError(message)] };
}
