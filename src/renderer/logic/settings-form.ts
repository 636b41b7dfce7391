import { formatDuration } from '../../shared/format';
import {
  allowedValues,
  allowsNone,
  defaultSettings,
  isNoneAValue,
  SETTING_KEYS,
  type SettingGroup,
  type SettingKey,
  type Settings,
  settingWords,
} from '../../shared/settings';
import { fromMinutesDraft, inOrder, type MinutesDraft, toMinutesDraft } from './kinds-form';
import { groupDigits, numberFromText } from './numbers';
import { fromPolicyDraft, type PolicyDraft, toPolicyDraft } from './policy-form';
import { fromTaskListDrafts, type TaskListDraft, toTaskListDrafts } from './task-list-form';

/** What a field of the settings page holds while it is edited, by the kind of the field. */
export interface DraftOf {
  switch: boolean;
  number: string;
  choice: string;
  /** One line; empty: none. */
  text: string;
  /** One entry a line. */
  list: string;
  /** `22:00-07:00`, either half of which may still be empty; empty: none. */
  hours: string;
  workers: string[];
  kinds: string[];
  minutesByKind: MinutesDraft;
  policy: PolicyDraft;
  taskLists: TaskListDraft[];
}
export type FieldKind = keyof DraftOf;
export type Draft = DraftOf[FieldKind];
export type Drafts = Partial<Record<SettingKey, Draft>>;
/** A draft with the kind of its field. */
export type FieldDraft = { [Kind in FieldKind]: { kind: Kind; draft: DraftOf[Kind] } }[FieldKind];

const GROUPS: readonly SettingGroup[] = [
  'Watching',
  'Silence',
  'Idle',
  'Ending',
  'Cleaning up',
  'Telling',
  'Local API',
  'Gateway',
  'History',
];

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

/** The settings whose field their default does not tell. */
const FIELDS: Partial<Record<SettingKey, FieldKind>> = {
  endingPolicy: 'policy',
  keepAlive: 'workers',
  mutedSources: 'kinds',
  idleTimeoutMinutesByKind: 'minutesByKind',
  taskLists: 'taskLists',
  quietHours: 'hours',
  IDLEWATCH_UPSTREAM: 'text',
};

/** Which field a setting needs. */
export function fieldKind(key: SettingKey): FieldKind {
  const own = FIELDS[key];
  if (own) return own;
  const value = defaultSettings()[key];
  if (typeof value === 'boolean') return 'switch';
  if (typeof value === 'string') return 'choice';
  return Array.isArray(value) ? 'list' : 'number';
}

/** A draft with the kind of the field it is edited in. */
export function fieldDraft(key: SettingKey, draft: Draft): FieldDraft {
  return { kind: fieldKind(key), draft } as FieldDraft;
}

/** A value of the settings as its field shows it: lists of paths one a line, no value as an empty field. */
export function draftOf(key: SettingKey, settings: Settings): Draft {
  switch (key) {
    case 'endingPolicy':
      return toPolicyDraft(settings.endingPolicy);
    case 'idleTimeoutMinutesByKind':
      return toMinutesDraft(settings.idleTimeoutMinutesByKind);
    case 'taskLists':
      return toTaskListDrafts(settings.taskLists);
    case 'mutedSources':
      return inOrder(settings.mutedSources);
    case 'keepAlive':
      return settings.keepAlive;
    default: {
      const value = settings[key];
      if (typeof value === 'boolean') return value;
      if (Array.isArray(value)) return value.join('\n');
      return value === null ? '' : String(value);
    }
  }
}

/** What a field means. Text that is no number is handed on as it is, for the schema to refuse in its own words. */
export function fromDraft(key: SettingKey, draft: Draft): unknown {
  const field = fieldDraft(key, draft);
  switch (field.kind) {
    case 'policy':
      return fromPolicyDraft(field.draft);
    case 'minutesByKind':
      return fromMinutesDraft(field.draft);
    case 'taskLists':
      return fromTaskListDrafts(field.draft);
    case 'list':
      return field.draft
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean);
    case 'hours':
      return field.draft || null;
    case 'text':
      return field.draft.trim() || null;
    case 'number':
      return field.draft.trim() === '' && allowsNone(key) ? null : numberFromText(field.draft);
    default:
      return field.draft;
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
    patch[key] = isDefault(key, draft) && !isNoneAValue(key) ? null : value;
  }
  return patch;
}

/** A length that is written in ms, s or min, as one would say it: `10 min`; null where that says nothing new. */
export function spokenLength(key: SettingKey, draft: string): string | null {
  const { unit } = settingWords(key);
  return unit === 'ms' || unit === 's' || unit === 'min' ? spoken(draft, unit) : null;
}

const UNIT_MS = { ms: 1, s: 1000, min: 60_000 };

/** `10 min` of `600` s; null where that says nothing new. */
export function spoken(draft: string, unit: keyof typeof UNIT_MS): string | null {
  const value = Number(numberFromText(draft) || Number.NaN);
  const ms = value * UNIT_MS[unit];
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
    case 'kinds':
    case 'taskLists':
    case 'hours':
      return 'Default: none.';
    case 'minutesByKind':
      return 'Default: as for every session or task.';
    case 'policy':
      return 'Default: only watch.';
    case 'choice':
      return `Default: ${choicesOf(key).find(([value]) => value === initial)?.[1]}.`;
    case 'number':
      return IDENTIFIERS.has(key) ? defaultAndBounds(key, initial) : groupDigits(defaultAndBounds(key, initial));
    case 'text':
      return defaultAndBounds(key, initial);
  }
}

/** Numbers that name something and count nothing: their digits stand together. */
const IDENTIFIERS: ReadonlySet<SettingKey> = new Set(['apiPort', 'gatewayPort']);

/** An empty field is what no value is here. */
function defaultAndBounds(key: SettingKey, initial: Draft): string {
  const bounds = allowedValues(key).replace(' or null', '');
  return `Default ${initial || 'none'}; ${bounds}${allowsNone(key) && initial ? ', or none' : ''}.`;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
