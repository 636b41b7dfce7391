import { askerWords } from '../shared/asker-words';
import { cut } from '../shared/setting-words';
import { settingWords } from '../shared/settings';
import type { SettingsChange } from './settings-store';

type Change = SettingsChange['changed'][number];

/** `Settings changed from the window: Kill grace 5000 → 8000 ms; Local API on → off`. */
export function changeWords({ askedBy, changed }: SettingsChange): string {
  const where = askedBy === null ? 'in settings.json' : askerWords(askedBy);
  return `Settings changed ${where}: ${changed.flatMap(wordsOf).join('; ')}`;
}

/** Of an object each field that is another one now, so that a long one does not hide what changed in it. */
function wordsOf({ key, was, is }: Change): string[] {
  const { title, unit } = settingWords(key);
  const words = (name: string, before: unknown, after: unknown) => {
    const [from, to] = differing(before, after).map(plain);
    return `${name} ${from} → ${to}${unit ? ` ${unit}` : ''}`;
  };
  const [before, after] = [JSON.parse(was), JSON.parse(is)] as unknown[];
  if (!isObject(before) || !isObject(after)) return [words(title, before, after)];
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => words(`${title}, ${field}:`, before[field] ?? null, after[field] ?? null));
}

/** Of lists too long to be shown only what the other one does not have. */
function differing(before: unknown, after: unknown): [unknown, unknown] {
  if (!Array.isArray(before) || !Array.isArray(after) || [before, after].every(isShown)) return [before, after];
  const without = (list: unknown[], other: unknown[]) => {
    const known = new Set(other.map((each) => JSON.stringify(each)));
    const own = list.filter((each) => !known.has(JSON.stringify(each)));
    return own.length < list.length ? ['…', ...own] : own;
  };
  return [without(before, after), without(after, before)];
}

function isShown(value: unknown): boolean {
  const text = JSON.stringify(value);
  return cut(text) === text;
}

const PLAIN: Record<string, string> = { true: 'on', false: 'off', null: 'none', '[]': 'none', '{}': 'none' };

/** Texts and lists of them as a person would write them, the rest as JSON; cut. */
function plain(value: unknown): string {
  const text = JSON.stringify(value);
  if (Object.hasOwn(PLAIN, text)) return PLAIN[text] as string;
  const texts = [value].flat();
  return cut(texts.every((each) => typeof each === 'string') ? texts.join(', ') : text);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
