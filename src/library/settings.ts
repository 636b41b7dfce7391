import { mergeSettings, type SettingKey, type Settings } from '../shared/settings';
import { settingsFromEnvironment } from '../shared/settings-layers';

/**
 * The named settings: from the options, else from environment variables of the same names, else as given below.
 *
 * Throws a RangeError that names what is wrong, its value and what is allowed.
 */
export function readSettings<Key extends SettingKey>(
  below: Settings,
  keys: readonly Key[],
  options: Partial<Pick<Settings, Key>>,
  environment: Record<string, string | undefined>,
): Pick<Settings, Key> {
  const told = Object.fromEntries(keys.map((key) => [key, environment[key]]));
  const fromEnvironment = taken(below, settingsFromEnvironment(told).values, 'environment');
  const given = Object.entries(options).filter(([key, value]) => keys.some((k) => k === key) && value !== undefined);
  return taken(fromEnvironment, Object.fromEntries(given), 'options');
}

function taken(below: Settings, values: object, from: string): Settings {
  const result = mergeSettings(below, values, from);
  if (!result.ok) throw new RangeError(result.errors.map(({ message }) => message).join('\n'));
  return result.settings;
}
