import { formatDuration } from '../../shared/format';
import {
  allowedValues,
  defaultSettings,
  SETTING_KEYS,
  type SettingGroup,
  type SettingKey,
  type Settings,
  settingWords,
} from '../../shared/settings';
import { groupDigits, numberFromText } from './numbers';
import { fromPolicyDraft, type PolicyDraft, toPolicyDraft } from './policy-form';

/** What a field of the settings page holds while it is edited. */
export type Draft = string | boolean | string[] | PolicyDraft;
export type Drafts = Partial<Record<SettingKey, Draft>>;
export type FieldKind = 'switch' | 'list' | 'workers' | 'policy' | 'choice' | 'number';

const GROUPS: readonly SettingGroup[] = ['Watching', 'Silence', 'Idle', 'Ending', 'Cleaning up', 'Telling'];

/** The keys of each group, in the schema's order. */
export function settingGroups(): { group: SettingGroup; keys: SettingKey[] }[] {
  return GROUPS.map((group) => ({ group, keys: SETTING_KEYS.filter((key) => settingWords(key).group === group) }));
}

type ChoiceKey = {
  [K in SettingKey]: string extends Settings[K] ? never : Settings[K] extends string ? K : never;
}[SettingKey];
type ChoiceWords = { [K in ChoiceKey]: Record<Settings[K], string> };

/** The settings that are one of some words, and how each is said. */
const CHOICES: ChoiceWords = { orphanedRuns: { show: 'Show it and offer its end', end: 'End it' } };

/** What a choice offers: value and words. */
export function choicesOf(key: SettingKey): [string, string][] {
  return Object.hasOwn(CHOICES, key) ? Object.entries(CHOICES[key as ChoiceKey]) : [];
}

/** Which field a setting needs, told by its default. */
export function fieldKind(key: SettingKey): FieldKind {
  if (key === 'endingPolicy') return 'policy';
  if (key === 'keepAlive') return 'workers';
  const value = defaultSettings()[key];
  if (typeof value === 'boolean') return 'switch';
  if (typeof value === 'string') return 'choice';
  return Array.isArray(value) ? 'list' : 'number';
}

/** A value of the settings as its field shows it: lists of paths one a line, no value as an empty field. */
export function draftOf(key: SettingKey, settings: Settings): Draft {
  if (key === 'endingPolicy') return toPolicyDraft(settings.endingPolicy);
  if (key === 'keepAlive') return settings.keepAlive;
  const value = settings[key];
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.join('\n');
  return value === null ? '' : String(value);
}

/** What a field means. Text that is no number is handed on as it is, for the schema to refuse in its own words. */
export function fromDraft(key: SettingKey, draft: Draft): unknown {
  if (typeof draft === 'boolean' || Array.isArray(draft)) return draft;
  if (typeof draft === 'object') return fromPolicyDraft(draft);
  switch (fieldKind(key)) {
    case 'list':
      return draft
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean);
    case 'choice':
      return draft;
    default:
      return draft.trim() === '' && defaultSettings()[key] === null ? null : numberFromText(draft);
  }
}

/** What to save: only fields that differ from what is in force; a field back at its default gives the key up (null). */
export function settingsPatch(inForce: Settings, drafts: Drafts): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const key of SETTING_KEYS) {
    const draft = drafts[key];
    if (draft === undefined) continue;
    const value = fromDraft(key, draft);
    if (same(value, fromDraft(key, draftOf(key, inForce)))) continue;
    patch[key] = isDefault(key, draft) ? null : value;
  }
  return patch;
}

/** A length that is written in ms or s, as one would say it: `10 min`; null where that says nothing new. */
export function spokenLength(key: SettingKey, draft: string): string | null {
  const { unit } = settingWords(key);
  return unit === 'ms' || unit === 's' ? spoken(draft, unit) : null;
}

/** `10 min` of `600` s; null where that says nothing new. */
export function spoken(draft: string, unit: 's' | 'ms'): string | null {
  const value = Number(numberFromText(draft) || Number.NaN);
  const ms = unit === 's' ? value * 1000 : value;
  const words = formatDuration(ms);
  const isWhole = Number.isFinite(ms) && ms >= 1000 && ms % 1000 === 0;
  return isWhole && words !== `${value} ${unit}` ? words : null;
}

export function isDefault(key: SettingKey, draft: Draft): boolean {
  return same(fromDraft(key, draft), defaultSettings()[key]);
}

/** `Default 30; a number from 1 to 86,400 (s).` */
export function hintOf(key: SettingKey): string {
  const initial = draftOf(key, defaultSettings());
  switch (fieldKind(key)) {
    case 'switch':
      return `Default: ${initial ? 'on' : 'off'}.`;
    case 'list':
      return `Default: ${initial || 'none'}.`;
    case 'workers':
      return 'Default: none.';
    case 'policy':
      return 'Default: only watch.';
    case 'choice':
      return `Default: ${choicesOf(key).find(([value]) => value === initial)?.[1]}.`;
    case 'number':
      // An empty field is what no value is here.
      return groupDigits(`Default ${initial || 'none'}; ${allowedValues(key).replace(' or null', '')}.`);
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
