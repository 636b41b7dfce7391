import { SOURCE_KINDS, type SourceKind } from '../../shared/model';
import { type Settings, settingsSchema } from '../../shared/settings';
import { numberFromText } from './numbers';

/** A number for each kind while it is edited; empty: none of its own. */
export type MinutesDraft = Record<SourceKind, string>;

export function toMinutesDraft(minutes: Settings['idleTimeoutMinutesByKind']): MinutesDraft {
  return Object.fromEntries(SOURCE_KINDS.map((kind) => [kind, String(minutes[kind] ?? '')])) as MinutesDraft;
}

export function fromMinutesDraft(draft: MinutesDraft): Record<string, unknown> {
  const own = SOURCE_KINDS.filter((kind) => draft[kind].trim() !== '');
  return Object.fromEntries(own.map((kind) => [kind, numberFromText(draft[kind])]));
}

/** The kinds whose number the schema refuses. */
export function minutesFaults(draft: MinutesDraft): ReadonlySet<string> {
  const parsed = settingsSchema.shape.idleTimeoutMinutesByKind.safeParse(fromMinutesDraft(draft));
  return new Set(parsed.success ? [] : parsed.error.issues.map(({ path }) => String(path[0])));
}

/** Some kinds, in the order in which they stand everywhere. */
export function inOrder(kinds: readonly string[]): SourceKind[] {
  return SOURCE_KINDS.filter((kind) => kinds.includes(kind));
}
