import {
  defaultSettings,
  ORDERED_TIMEOUTS,
  orderErrors,
  parseLayer,
  SETTING_KEYS,
  type SettingError,
  type SettingKey,
  type Settings,
  settingFromText,
} from './settings';

/** One place settings come from. */
export interface SettingsLayer {
  /** `settings.json`, `environment`, `option`, `settings page`. */
  from: string;
  values: Record<string, unknown>;
}

/**
 * Lay settings over each other, lowest first, above the defaults.
 *
 * Keys that are wrong are left out and named in `errors`; where the idle timeouts are out of order, their defaults hold.
 */
export function layerSettings(layers: SettingsLayer[]): { settings: Settings; errors: SettingError[] } {
  const errors: SettingError[] = [];
  const settings = defaultSettings();
  for (const { from, values } of layers) {
    const parsed = parseLayer(values, from);
    errors.push(...parsed.errors);
    Object.assign(settings, parsed.values);
  }
  const blamed = layers.find(({ values }) => ORDERED_TIMEOUTS.some((key) => Object.hasOwn(values, key)));
  const outOfOrder = orderErrors(settings, blamed?.from ?? 'settings.json');
  if (outOfOrder.length) {
    const defaults = defaultSettings();
    for (const key of ORDERED_TIMEOUTS) settings[key] = defaults[key];
  }
  return { settings, errors: [...errors, ...outOfOrder] };
}

/** The settings among environment variables: those named exactly like a setting and not empty. */
export function settingsFromEnvironment(environment: Record<string, string | undefined>): SettingsLayer {
  const values: Partial<Record<SettingKey, unknown>> = {};
  for (const key of SETTING_KEYS) {
    const text = environment[key];
    if (text) values[key] = settingFromText(key, text);
  }
  return { from: 'environment', values };
}
