import { harmless } from '../../../shared/format';
import { expected, isAbsolutePath, isObject, isPid, parseJson, shown } from '../drift';
import type { Parsed } from '../rewritten-file';
import type { ProcessClaim } from '../source';

/** Pure parsing of what Claude Code writes. The formats are its own and not documented: everything may be missing or new. */

const TEXT_MAX = 200;
const LABEL_MAX = 80;

/** One `sessions/<pid>.json`, as far as idlewatch relies on it. */
export interface SessionRecord {
  pid: number;
  sessionId: string;
  /** Where the session works; null where it is not said. */
  cwd: string | null;
  /** The start time of the process in the words of our process table; null where it is not said in any we know. */
  startTime: string | null;
  /** The pid namespace in which the pid means something (`pid:[4026531836]`); null where it is not said. */
  pidNamespace: string | null;
  startedAt: number | null;
  status: ClaudeStatus | null;
  /** The same as it goes on from `says`, one that is not known as well. */
  statusInWords: string;
  /** When the status was set, or anything of the record was. */
  statusAt: number | null;
  waitingFor: string | null;
  name: string | null;
  /** `interactive`, `bg` and others. */
  kind: string | null;
  /** Something that is relied on is missing or new: what was expected, what was found. */
  drift: string | null;
}

const STATUSES = ['busy', 'idle', 'waiting', 'shell'] as const;
export type ClaudeStatus = (typeof STATUSES)[number];

/** Names become parts of paths. */
const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** Parse a session's record. Fields that are not relied on may come and go. */
export function parseSession(json: string): Parsed<SessionRecord> {
  const value = parseJson(json);
  if (!isObject(value)) return { ok: false, detail: expected('a JSON object', value ?? json.slice(0, 60)) };
  const { pid, sessionId } = value;
  if (!isPid(pid)) return { ok: false, detail: expected('pid as a whole number above 1', pid) };
  if (typeof sessionId !== 'string' || !SESSION_ID.test(sessionId)) {
    return { ok: false, detail: expected('sessionId as letters, digits and dashes', sessionId) };
  }
  const status = STATUSES.find((known) => known === value.status) ?? null;
  const cwd = isAbsolutePath(value.cwd) ? value.cwd : null;
  const record: SessionRecord = {
    pid,
    sessionId,
    cwd,
    startTime: startTimeIn(value.procStart),
    pidNamespace: namespaceIn(value.pidDomain),
    startedAt: timeIn(value.startedAt),
    status,
    statusInWords: status ?? unknownInWords(value.status),
    statusAt: timeIn(value.statusUpdatedAt) ?? timeIn(value.updatedAt),
    waitingFor: textIn(value.waitingFor),
    name: textIn(value.name),
    kind: textIn(value.kind),
    drift: null,
  };
  if (status === null)
    record.drift = expected(`status as ${STATUSES.slice(0, -1).join(', ')} or ${STATUSES.at(-1)}`, value.status);
  else if (cwd === null) record.drift = expected('cwd as an absolute path', value.cwd);
  return { ok: true, value: record };
}

function unknownInWords(status: unknown): string {
  return status === undefined ? 'no status' : `${shown(status)}, which idlewatch does not know`;
}

/** What the record says of the process. `writtenAt`: when it was written, which the process did itself. */
export function claimIn({ pid, startTime }: SessionRecord, writtenAt: number): ProcessClaim {
  return { pid, from: 'report', namedAt: writtenAt, ...(startTime === null ? {} : { startTime }) };
}

/** The folder below `projects/` that holds the transcripts of a working directory; one of a long path is cut short. */
export function projectFolder(cwd: string): string {
  return cwd.replace(/[^a-zA-Z0-9]/g, '-');
}

/** Tokens of one line of a transcript. Null: it uses none. */
export type LineUsage = { messageId: string | null; tokens: number } | { drift: string } | null;

/** What one line of a transcript tells. */
export interface TranscriptLine {
  usage: LineUsage;
  /** Tools that the model calls with it. */
  calls: ToolCall[];
  /** Ids of the calls whose results it brings. */
  results: string[];
  /** Something new begins: calls that were open are no more. */
  isPrompt: boolean;
}

export interface ToolCall {
  id: string;
  /** The tool and what it is for. */
  label: string;
  /** Milliseconds since the epoch; null where the line does not say. */
  at: number | null;
}

const NOTHING: TranscriptLine = { usage: null, calls: [], results: [], isPrompt: false };

/** Parse one line. Whatever is not relied on tells nothing. */
export function parseLine(line: string): TranscriptLine {
  if (!line.includes('"assistant"') && !line.includes('"user"')) return NOTHING;
  const value = parseJson(line);
  if (!isObject(value)) return NOTHING;
  if (value.type === 'assistant') {
    return { usage: usageIn(value), calls: callsIn(value), results: [], isPrompt: false };
  }
  return value.type === 'user' ? userLine(value) : NOTHING;
}

/**
 * Tokens of a model's answer: input, output, and what was written to or read from the cache. One answer is written as
 * several lines with the same message id, each of which says what the answer has used so far.
 */
function usageIn({ message, isApiErrorMessage, requestId }: Record<string, unknown>): LineUsage {
  if (isApiErrorMessage === true) return null;
  if (!isObject(message)) return { drift: expected('message in a line of type assistant', message) };
  // Written by Claude Code itself in place of an answer.
  if (message.model === '<synthetic>') return null;
  const { usage } = message;
  if (!isObject(usage)) return { drift: expected('message.usage in a line of type assistant', usage) };
  let tokens = 0;
  for (const [field, isNeeded] of USAGE_FIELDS) {
    const count = usage[field];
    if (count == null && !isNeeded) continue;
    if (!isCount(count)) return { drift: expected(`message.usage.${field} as a number`, count) };
    tokens += count;
  }
  const id = message.id ?? requestId;
  return { messageId: typeof id === 'string' ? id.slice(0, TEXT_MAX) : null, tokens };
}

function callsIn({ message, timestamp }: Record<string, unknown>): ToolCall[] {
  const at = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  return blocksOf(message, 'tool_use').flatMap(({ id, name, input }) => {
    if (typeof id !== 'string' || typeof name !== 'string') return [];
    const about = isObject(input) ? (textIn(input.description) ?? textIn(input.command)) : null;
    const label = harmless(about === null ? name : `${name}: ${about}`, LABEL_MAX);
    return { id, label, at: Number.isNaN(at) ? null : at };
  });
}

function userLine({ message }: Record<string, unknown>): TranscriptLine {
  const ids = blocksOf(message, 'tool_result').map((block) => block.tool_use_id);
  const results = ids.filter((id): id is string => typeof id === 'string');
  return { usage: null, calls: [], results, isPrompt: results.length === 0 };
}

function blocksOf(message: unknown, type: string): Record<string, unknown>[] {
  const content = isObject(message) ? message.content : null;
  return Array.isArray(content) ? content.filter((block) => isObject(block) && block.type === type) : [];
}

const USAGE_FIELDS: [string, boolean][] = [
  ['input_tokens', true],
  ['output_tokens', true],
  ['cache_creation_input_tokens', false],
  ['cache_read_input_tokens', false],
];

/**
 * On Linux `procStart` is field 22 of /proc/<pid>/stat, on macOS what `ps -o lstart=` prints in UTC, which our table
 * writes as seconds. On Windows it is of a finer grain than our table's and cannot be compared.
 */
function startTimeIn(procStart: unknown): string | null {
  const text = String(procStart ?? '');
  if (/^\d{1,15}$/.test(text)) return text;
  const started = /^[A-Z][a-z]{2} +[A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2} \d{4}$/.test(text)
    ? Date.parse(`${text} UTC`)
    : Number.NaN;
  return Number.isNaN(started) ? null : String(started / 1000);
}

function namespaceIn(pidDomain: unknown): string | null {
  return typeof pidDomain === 'string' ? (/(pid:\[\d+\])$/.exec(pidDomain)?.[1] ?? null) : null;
}

/** Milliseconds since the epoch. */
function timeIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 && value < 8.64e15 ? value : null;
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? harmless(value.trim(), TEXT_MAX) : null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
