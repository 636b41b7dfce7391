import { type Settings, settingsSchema, type TaskListSetting } from '../../shared/settings';
import { numberFromText } from './numbers';

/** One task list while it is edited. */
export interface TaskListDraft {
  path: string;
  /** Empty: the file is no SQLite file. */
  table: string;
  id: string;
  title: string;
  state: string;
  lastActivity: string;
  /** Separated by commas. */
  intermediate: string;
  final: string;
  /** Minutes; empty: as for every task. */
  stuckAfter: string;
}
export type TaskListField = keyof TaskListDraft;

export function toTaskListDrafts(lists: Settings['taskLists']): TaskListDraft[] {
  return lists.map(({ path, table, columns, intermediate, final, stuckAfterMinutes }) => ({
    ...columns,
    path,
    table: table ?? '',
    intermediate: intermediate.join(', '),
    final: final.join(', '),
    stuckAfter: stuckAfterMinutes === null ? '' : String(stuckAfterMinutes),
  }));
}

/** A list before anything was written into it: columns and states as most have them. */
export function newTaskListDraft(): TaskListDraft {
  const [draft] = toTaskListDrafts(settingsSchema.shape.taskLists.parse([{ path: 'any' }]));
  return { ...(draft as TaskListDraft), path: '' };
}

/** The lists that the fields mean; what is wrong is handed on for the schema to refuse. */
export function fromTaskListDrafts(drafts: readonly TaskListDraft[]): unknown[] {
  return drafts.map(
    ({ path, table, id, title, state, lastActivity, intermediate, final, stuckAfter }): Loose<TaskListSetting> => ({
      path: path.trim(),
      table: table.trim() || null,
      columns: { id: id.trim(), title: title.trim(), state: state.trim(), lastActivity: lastActivity.trim() },
      intermediate: wordsIn(intermediate),
      final: wordsIn(final),
      stuckAfterMinutes: stuckAfter.trim() === '' ? null : numberFromText(stuckAfter),
    }),
  );
}

type Loose<T> = { [K in keyof T]: T[K] | unknown };

function wordsIn(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}

const FIELD_OF: Record<string, TaskListField> = { stuckAfterMinutes: 'stuckAfter' };

/** The fields the schema refuses: `0.path`. */
export function taskListFaults(drafts: readonly TaskListDraft[]): ReadonlySet<string> {
  const parsed = settingsSchema.shape.taskLists.safeParse(fromTaskListDrafts(drafts));
  if (parsed.success) return new Set();
  return new Set(
    parsed.error.issues.map(({ path: [index, field, column] }) => {
      const name = String(field === 'columns' ? column : field);
      return `${String(index)}.${FIELD_OF[name] ?? name}`;
    }),
  );
}
