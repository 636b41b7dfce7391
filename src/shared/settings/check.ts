import type { z } from 'zod';
import { nestedFault, show } from '../setting-words';
import {
  allowedValues,
  isSettingKey,
  SETTING_KEYS,
  type SettingKey,
  type Settings,
  schemaOf,
  settingsSchema,
} from './schema';

/** One wrong value: what it is called, what was given, what is allowed. */
export interface SettingError {
  key: string;
  /** Where the value came from: `settings.json`, `environment`, `option`, `settings page`. */
  from: string;
  message: string;
}

export type SettingsResult = { ok: true; settings: Settings } | { ok: false; errors: SettingError[] };

/**
 * Check one layer of settings (a file's object, the environment's, a page's patch) over the settings below it.
 *
 * Nothing is taken over unless all of it is right: the last good settings stay in force. Rules across keys: the idle
 * timeouts keep their order.
 */
export function mergeSettings(below: Settings, layer: unknown, from: string): SettingsResult {
  if (typeof layer !== 'object' || layer === null || Array.isArray(layer)) {
    return {
      ok: false,
      errors: [{ key: '(all)', from, message: `${from}: ${show(layer)} is not an object of settings` }],
    };
  }
  const { values, errors } = parseLayer(layer, from);
  const settings = { ...below, ...values };
  errors.push(...(errors.length ? [] : orderErrors(settings, from)));
  return errors.length ? { ok: false, errors } : { ok: true, settings };
}

/** The keys of one layer that are right by themselves, and what is wrong with the others. */
export function parseLayer(layer: object, from: string): { values: Partial<Settings>; errors: SettingError[] } {
  const errors: SettingError[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(layer)) {
    if (!isSettingKey(key)) {
      errors.push({
        key,
        from,
        message: `${from}: ${show(key)} is not a setting; known are ${SETTING_KEYS.join(', ')}`,
      });
      continue;
    }
    const parsed = settingsSchema.shape[key].safeParse(value);
    if (parsed.success) values[key] = parsed.data;
    else errors.push({ key, from, message: `${from}: ${faultOf(key, value, parsed.error.issues)}` });
  }
  return { values: values as Partial<Settings>, errors };
}

/** What is wrong with a value, by the first thing that is. */
function faultOf(key: SettingKey, value: unknown, [issue]: z.core.$ZodIssue[]): string {
  const nested = issue && nestedFault(key, schemaOf(key), value, issue);
  return nested ?? `${key} is ${show(value)}; allowed is ${allowedValues(key)}`;
}

/** The keys whose values must stand in this order, smallest first. */
export const ORDERED_TIMEOUTS = ['MIN_IDLE_TIMEOUT_MS', 'INITIAL_IDLE_TIMEOUT_MS', 'MAX_IDLE_TIMEOUT_MS'] as const;

/** Rules across keys: empty when the idle timeouts keep their order. */
export function orderErrors(settings: Settings, from: string): SettingError[] {
  const order = [settings.MIN_IDLE_TIMEOUT_MS, settings.INITIAL_IDLE_TIMEOUT_MS, settings.MAX_IDLE_TIMEOUT_MS] as const;
  if (order[0] <= order[1] && order[1] <= order[2]) return [];
  return [
    {
      key: 'INITIAL_IDLE_TIMEOUT_MS',
      from,
      message: `${from}: the idle timeouts are ${order.join(', ')}; allowed is MIN_IDLE_TIMEOUT_MS ≤ INITIAL_IDLE_TIMEOUT_MS ≤ MAX_IDLE_TIMEOUT_MS`,
    },
  ];
}
