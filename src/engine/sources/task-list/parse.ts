import { harmless } from '../../../shared/format';
import type { TaskListSetting } from '../../../shared/settings';
import { expected, isObject, parseJson } from '../drift';
import type { Parsed } from '../rewritten-file';

/** Pure parsing of task lists: whatever holds them, a list is entries with fields, and of a task four of them matter. */

const TITLE_MAX = 160;
const ID_MAX = 200;
const STATE_MAX = 60;
const FIELDS_NAMED = 8;

/** One entry; `key`: under which a map has it. */
export interface Entry {
  key: string | null;
  fields: Record<string, unknown>;
}

/** A task as its list has it. */
export interface ListedTask {
  id: string;
  title: string | null;
  /** As written; null where that is missing: `drift` says so. */
  state: string | null;
  /** As written. */
  activity: unknown;
  drift: string | null;
}

export type Columns = TaskListSetting['columns'];

/** The entries of a JSON file (a list, a map by id, or either below `tasks`) or a JSONL file (a later line replaces an earlier one). */
export function parseEntries(text: string, isLines: boolean): Parsed<Entry[]> {
  if (text.startsWith('SQLite format 3'))
    return { ok: false, detail: 'it is a SQLite database, and no table is named' };
  const value = isLines ? undefined : parseJson(text);
  if (value === undefined) return parseLines(text, isLines);
  const tasks = isObject(value) && value.tasks !== undefined ? value.tasks : value;
  if (Array.isArray(tasks))
    return entriesOf(
      tasks.map((fields) => [null, fields]),
      tasks,
    );
  if (isObject(tasks)) return entriesOf(Object.entries(tasks), tasks);
  return { ok: false, detail: expected('a list or map of tasks', tasks) };
}

function entriesOf(found: [string | null, unknown][], value: unknown): Parsed<Entry[]> {
  const entries = found.flatMap(([key, fields]) => (isObject(fields) ? [{ key, fields }] : []));
  if (found.length && !entries.length) return { ok: false, detail: expected('a list or map of tasks', value) };
  return { ok: true, value: entries };
}

function parseLines(text: string, isLines: boolean): Parsed<Entry[]> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const entries = lines
    .map((line) => parseJson(line))
    .flatMap((fields) => (isObject(fields) ? [{ key: null, fields }] : []));
  if (entries.length || (isLines && !lines.length)) return { ok: true, value: entries };
  return {
    ok: false,
    detail: expected(isLines ? 'a JSON object a line' : 'JSON', text.trim().slice(0, 60) || undefined),
  };
}

/** What of the entries are tasks. Refused as a whole where none of them has what makes a task one. */
export function tasksOf(entries: readonly Entry[], columns: Columns): Parsed<ListedTask[]> {
  const tasks = new Map<string, ListedTask>();
  for (const { key, fields } of entries) {
    const id = textOf(fields[columns.id] ?? key, ID_MAX);
    if (id === null) continue;
    tasks.delete(id); // A later entry is the newer one, and stands where it stands.
    tasks.set(id, taskOf(id, fields, columns));
  }
  const all = [...tasks.values()];
  if (entries.length && !all.some(({ state }) => state !== null)) {
    const [first] = entries;
    const names = Object.keys(first?.fields ?? {}).slice(0, FIELDS_NAMED);
    const found = names.map((name) => `“${harmless(name, 40)}”`).join(', ') || 'none';
    return { ok: false, detail: `expected the fields “${columns.id}” and “${columns.state}”, found ${found}` };
  }
  return { ok: true, value: all };
}

function taskOf(id: string, fields: Record<string, unknown>, columns: Columns): ListedTask {
  const state = textOf(fields[columns.state], STATE_MAX);
  return {
    id,
    title: textOf(fields[columns.title], TITLE_MAX),
    state,
    activity: fields[columns.lastActivity],
    drift: state === null ? expected(`a text in “${columns.state}”`, fields[columns.state]) : null,
  };
}

function textOf(value: unknown, max: number): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? harmless(value.trim(), max) : null;
}

/** By which states are compared: `Done` and `done` are one. */
export function stateKey(state: string): string {
  return state.trim().toLowerCase();
}

/** `in_progress` as one says it: `In progress`. */
export function stateWords(state: string): string {
  const words = state.replaceAll(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
