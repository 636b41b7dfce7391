import { join } from 'node:path';
import type { Logger } from '../engine/ports';
import { createClock } from '../host/clock';
import { createFileEvents } from '../host/file-events';
import { createSettingsFile } from '../host/settings-file';
import { userDataDirectory } from '../host/user-data';
import type { SettingKey, Settings } from '../shared/settings';
import { layerSettings, settingsFromEnvironment } from '../shared/settings-layers';
import { UsageError } from './command';

/**
 * Defaults < the app's settings.json < environment < options. What is wrong in the file or the environment is left out
 * and told; it must not keep anyone from looking. Options that do not fit together are a UsageError.
 */
export function settingsInForce(
  environment: Record<string, string | undefined>,
  options: Partial<Record<SettingKey, unknown>>,
  log: Logger,
): Settings {
  const path = join(userDataDirectory(environment), 'settings.json');
  const file = createSettingsFile(path, createFileEvents(log), createClock()).read();
  if (!file.ok) log.warn(file.message);
  const { settings, errors } = layerSettings([
    { from: 'settings.json', values: file.ok ? file.values : {} },
    settingsFromEnvironment(environment),
    { from: 'option', values: options },
  ]);
  for (const { from, message } of errors) {
    if (from === 'option') throw new UsageError(message);
    log.warn(message);
  }
  return settings;
}
