import { z } from 'zod';
import { inWords, type JsonSchema } from '../setting-words';
import { cleaningUp } from './cleaning-up';
import { ending } from './ending';
import { gateway } from './gateway';
import { history } from './history';
import { idle } from './idle';
import { localApi } from './local-api';
import type { SettingWords } from './setting';
import { silence } from './silence';
import { telling } from './telling';
import { watching } from './watching';

/** All of them, each key in one group. In this order they stand in the help and on the settings page. */
const SETTINGS = {
  ...watching,
  ...silence,
  ...idle,
  ...ending,
  ...cleaningUp,
  ...telling,
  ...localApi,
  ...gateway,
  ...history,
};

type Shape = { [Key in keyof typeof SETTINGS]: (typeof SETTINGS)[Key]['schema'] };

export const settingsSchema = z.strictObject(
  Object.fromEntries(Object.entries(SETTINGS).map(([key, { schema }]) => [key, schema])) as Shape,
);

export type Settings = z.infer<typeof settingsSchema>;
export type SettingKey = keyof Settings;

export const SETTING_KEYS = Object.keys(settingsSchema.shape) as SettingKey[];

/** Title, group, description and unit of a setting. */
export function settingWords(key: SettingKey): SettingWords {
  return SETTINGS[key].words;
}

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(settingsSchema.shape, key);
}

/** `heartbeat_missing_secs` and `killGraceMs` as command line options: `heartbeat-missing-secs`, `kill-grace-ms`. */
export function optionName(key: SettingKey): string {
  return key
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
}

/** The settings before anyone changed one. */
export function defaultSettings(): Settings {
  return settingsSchema.parse({});
}

/** What a key allows, in words: `a whole number from 0 to 600000 (ms)`. */
export function allowedValues(key: SettingKey): string {
  const { unit, list } = settingWords(key);
  return inWords(schemaOf(key), list?.of) + (unit ? ` (${unit})` : '');
}

/** Whether a key may have no value at all. */
export function allowsNone(key: SettingKey): boolean {
  return settingsSchema.shape[key].safeParse(null).success;
}

/** Whether having no value is something else than the default: in a patch, null is that value and does not remove the key. */
export function isNoneAValue(key: SettingKey): boolean {
  return allowsNone(key) && defaultSettings()[key] !== null;
}

/** What a key allows, as JSON schema. */
export function schemaOf(key: SettingKey): JsonSchema {
  return z.toJSONSchema(settingsSchema.shape[key], { io: 'input' }) as JsonSchema;
}
