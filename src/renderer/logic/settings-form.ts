import { formatDuration } from '../../shared/format';
import {
  defaultSettings,
  SETTING_KEYS,
  type SettingGroup,
  type SettingKey,
  type Settings,
  settingWords,
} from '../../shared/settings';

/** What a field of the settings page holds while it is edited. */
export type Draft = string | boolean;
export type Drafts = Partial<Record<SettingKey, Draft>>;
export type FieldKind = 'switch' | 'list' | 'number';

const GROUPS: readonly SettingGroup[] = ['Watching', 'Silence', 'Idle', 'Ending', 'Telling'];

/** The keys of each group, in the schema's order. */
export function settingGroups(): { group: SettingGroup; keys: SettingKey[] }[] {
  return GROUPS.map((group) => ({ group, keys: SETTING_KEYS.filter((key) => settingWords(key).group === group) }));
}

/** Which field a setting needs, told by its default. */
export function fieldKind(key: SettingKey): FieldKind {
  const value: unknown = defaultSettings()[key];
  if (typeof value === 'boolean') return 'switch';
  return Array.isArray(value) ? 'list' : 'number';
}

/** A value as its field shows it: lists one entry a line, no value as an empty field. */
export function toDraft(value: Settings[SettingKey]): Draft {
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.join('\n');
  return value === null ? '' : String(value);
}

/** What a field means. Text that is no number is handed on as it is, for the schema to refuse in its own words. */
export function fromDraft(key: SettingKey, draft: Draft): unknown {
  if (typeof draft === 'boolean') return draft;
  if (fieldKind(key) === 'list') {
    return draft
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  }
  const text = draft.trim().replace(',', '.');
  if (text === '') return defaultSettings()[key] === null ? null : '';
  return Number.isFinite(Number(text)) ? Number(text) : draft;
}

/** What to save: only fields that differ from what is in force; a field back at its default gives the key up (null). */
export function settingsPatch(inForce: Settings, drafts: Drafts): Record<string, unknown> {
  const defaults = defaultSettings();
  const patch: Record<string, unknown> = {};
  for (const key of SETTING_KEYS) {
    const draft = drafts[key];
    if (draft === undefined) continue;
    const value = fromDraft(key, draft);
    if (same(value, inForce[key])) continue;
    patch[key] = same(value, defaults[key]) ? null : value;
  }
  return patch;
}

/** A length that is written in ms or s, as one would say it: `10 min`; null where that says nothing new. */
export function spokenLength(key: SettingKey, draft: Draft): string | null {
  const { unit } = settingWords(key);
  if (unit !== 'ms' && unit !== 's') return null;
  const value = Number(fromDraft(key, draft) || Number.NaN);
  const ms = unit === 's' ? value * 1000 : value;
  const spoken = formatDuration(ms);
  const isWhole = Number.isFinite(ms) && ms >= 1000 && ms % 1000 === 0;
  return isWhole && spoken !== `${value} ${unit}` ? spoken : null;
}

export function isDefault(key: SettingKey, draft: Draft): boolean {
  return same(fromDraft(key, draft), defaultSettings()[key]);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
