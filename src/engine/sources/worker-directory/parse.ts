import { z } from 'zod';
import { harmless } from '../../../shared/format';
import type { HeartbeatContent } from '../../../shared/model';

/** Pure parsing of what worker directories hold. Everything here may be wrong, hostile or half-written. */

const NAME_MAX = 120;
const TEXT_MAX = 300;

/** RFC 3339 with a zone: without one a time means nothing to anyone else. */
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})$/;

export type ParsedTime = { ok: true; at: number } | { ok: false; detail: string };

/** A leap second, which Date does not know. */
const LEAP_SECOND = /^(.{16}):60/;

/** Parse a timestamp of the heartbeat contract to milliseconds since the epoch; a leap second counts as the one before. */
export function parseTime(text: unknown): ParsedTime {
  if (typeof text === 'number') return { ok: false, detail: notAllowed(String(text)) };
  if (typeof text !== 'string' || text === '') return { ok: false, detail: 'there is no "ts"' };
  const at = Date.parse(text.replace(LEAP_SECOND, '$1:59'));
  if (!RFC3339.test(text) || Number.isNaN(at)) return { ok: false, detail: notAllowed(`"${harmless(text, 60)}"`) };
  return { ok: true, at };
}

function notAllowed(shown: string): string {
  return `"ts" is ${shown}; allowed is RFC 3339 with a zone, such as 2026-01-31T12:00:00Z`;
}

const text = (max: number) =>
  z
    .string()
    .transform((value) => harmless(value, max))
    .nullish()
    .catch(null)
    .transform((value) => value ?? null);
const pid = z
  .int()
  .min(1)
  .max(2 ** 31 - 1)
  .nullish()
  .catch(null)
  .transform((value) => value ?? null);
const time = z
  .unknown()
  .optional()
  .transform((value) => {
    const parsed = parseTime(value);
    return parsed.ok ? parsed.at : null;
  });
/** Numbers and short texts both serve as ids: written as text. */
const idText = z
  .union([z.string(), z.number()])
  .transform((value) => harmless(String(value), 200))
  .nullish()
  .catch(null)
  .transform((value) => value ?? null);

const heartbeatSchema = z.object({
  status: text(60),
  name: text(NAME_MAX),
  ts: z
    .string()
    .nullish()
    .catch(null)
    .transform((value) => (value == null ? null : harmless(value, 60))),
  pid,
  started_at: time,
  interval_ms: z
    .number()
    .positive()
    .max(86_400_000)
    .nullish()
    .catch(null)
    .transform((value) => value ?? null),
  task: z
    .object({ id: idText, title: text(TEXT_MAX), started_at: time })
    .transform((task) => ({ id: task.id, title: task.title, startedAt: task.started_at }))
    .nullish()
    .catch(null)
    .transform((value) => value ?? null),
  phase: text(TEXT_MAX),
  progress: z
    .union([z.string(), z.number()])
    .transform((value) => harmless(String(value), 100))
    .nullish()
    .catch(null)
    .transform((value) => value ?? null),
  silent_until: time,
  message: text(TEXT_MAX),
});

export type HeartbeatParse =
  | { ok: true; content: HeartbeatContent; at: number }
  | { ok: false; kind: 'invalid_json' | 'no_timestamp'; detail: string; content: HeartbeatContent | null };

/** Parse a heartbeat. An optional field that is wrong is taken as not given; `ts` is what it cannot do without. */
export function parseHeartbeat(json: string): HeartbeatParse {
  const value = parseJson(json);
  if (!value.ok) return { ok: false, kind: 'invalid_json', detail: value.detail, content: null };
  const parsed = heartbeatSchema.safeParse(value.value);
  if (!parsed.success) return { ok: false, kind: 'invalid_json', detail: 'it is not a JSON object', content: null };
  const raw = parsed.data;
  const content: HeartbeatContent = {
    status: raw.status,
    name: raw.name,
    ts: raw.ts,
    pid: raw.pid,
    startedAt: raw.started_at,
    intervalMs: raw.interval_ms,
    task: raw.task,
    phase: raw.phase,
    progress: raw.progress,
    silentUntil: raw.silent_until,
    message: raw.message,
  };
  // As written: the schema takes a number for nothing, and the reason is to name it.
  const at = parseTime((value.value as { ts?: unknown }).ts);
  return at.ok ? { ok: true, content, at: at.at } : { ok: false, kind: 'no_timestamp', detail: at.detail, content };
}

export interface WorkerSpec {
  name: string | null;
  role: string | null;
  inbox: string | null;
  outbox: string | null;
  heartbeat: string | null;
  pid: number | null;
}

const path = z
  .string()
  .min(1)
  .max(4096)
  .refine((value) => !value.includes('\0'))
  .nullish();
const specSchema = z.object({
  name: z.string().nullish(),
  role: z.string().nullish(),
  inbox: path,
  outbox: path,
  heartbeat: path,
  pid,
});

export type SpecParse = { ok: true; spec: WorkerSpec } | { ok: false; detail: string };

/** Parse `worker-spec.json`. Unknown fields are the worker's own business. */
export function parseSpec(json: string): SpecParse {
  const value = parseJson(json);
  if (!value.ok) return value;
  const parsed = specSchema.safeParse(value.value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.');
    return {
      ok: false,
      detail: where ? `"${harmless(where, 40)}" is wrong: ${issue?.message}` : 'it is not a JSON object',
    };
  }
  const { name, role, inbox, outbox, heartbeat } = parsed.data;
  return {
    ok: true,
    spec: {
      name: name ? harmless(name, NAME_MAX) : null,
      role: role ? harmless(role, NAME_MAX) : null,
      inbox: inbox ?? null,
      outbox: outbox ?? null,
      heartbeat: heartbeat ?? null,
      pid: parsed.data.pid,
    },
  };
}

type Json = { ok: true; value: unknown } | { ok: false; detail: string };

function parseJson(json: string): Json {
  if (json.trim() === '') return { ok: false, detail: 'it is empty' };
  try {
    return { ok: true, value: JSON.parse(json) };
  } catch (error) {
    return { ok: false, detail: harmless((error as Error).message, 120) };
  }
}

const WAITING = [
  'waiting',
  'waiting_for_input',
  'waiting_for_approval',
  'awaiting_input',
  'awaiting_approval',
  'needs_input',
];
const STATUS_WORDS = new Map<string, NonNullable<Declared>>([
  ['starting', 'starting'],
  ['ready', 'ready'],
  ['idle', 'ready'],
  ['busy', 'busy'],
  ['working', 'busy'],
  ['running', 'busy'],
  ['stopped', 'stopped'],
  ['exited', 'stopped'],
  ...WAITING.map((word): [string, 'waiting'] => [word, 'waiting']),
]);

export type Declared = 'starting' | 'ready' | 'busy' | 'waiting' | 'stopped' | null;

/** What a heartbeat's status word means; null for words that say nothing of work ("alive"). */
export function declaredBy(status: string | null): Declared {
  if (!status) return null;
  const word = status
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  return STATUS_WORDS.get(word) ?? null;
}

/** The id a line of inbox.jsonl (`id`) or outbox.jsonl (`task_id`) carries; null where the line is no such entry. */
export function entryId(line: string, field: 'id' | 'task_id'): string | null {
  return idIn(parseObject(line)?.[field]);
}

/** The id of a line of inbox.jsonl, and what it is about where that is said; null where the line is no such entry. */
export function inboxEntry(line: string): { id: string; title: string | null } | null {
  const entry = parseObject(line);
  const id = idIn(entry?.id);
  if (!entry || id === null) return null;
  const about = [entry.title, entry.task, entry.subject].find(
    (value) => typeof value === 'string' && value.trim() !== '',
  );
  return { id, title: typeof about === 'string' ? harmless(about.trim(), NAME_MAX) : null };
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function idIn(id: unknown): string | null {
  return typeof id === 'string' || typeof id === 'number' ? String(id).slice(0, 200) : null;
}
