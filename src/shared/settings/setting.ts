import type { z } from 'zod';

export type SettingGroup =
  | 'Watching'
  | 'Silence'
  | 'Idle'
  | 'Ending'
  | 'Cleaning up'
  | 'Telling'
  | 'Local API'
  | 'Gateway'
  | 'History';

/** What the settings page, the help and the errors say of a setting. */
export interface SettingWords {
  title: string;
  group: SettingGroup;
  description: string;
  unit?: 's' | 'min' | 'ms' | 'MB' | '%' | 'days';
  /** Of a list: what it holds, and what stands between two when it is written as text. */
  list?: { of: string; separator: string };
}

/** One setting: default and bounds, and its words. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  schema: Schema;
  words: SettingWords;
}

/** What declares the settings of one group. */
export function settingsOf(group: SettingGroup) {
  return <Schema extends z.ZodType>(schema: Schema, words: Omit<SettingWords, 'group'>): Setting<Schema> => ({
    schema,
    words: { ...words, group },
  });
}
