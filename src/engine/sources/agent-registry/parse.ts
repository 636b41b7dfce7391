import { harmless } from '../../../shared/format';
import { expected, isAbsolutePath, isObject, isPid, parseJson } from '../drift';
import type { Parsed } from '../rewritten-file';
import { parseTime } from '../worker-directory/parse';

/** Pure parsing of registry files such as `running-agents.json`: a map or list of what another program started. */

const AGENTS_MAX = 1_000;
const TEXT_MAX = 120;

/** One entry of a registry. */
export interface RegisteredAgent {
  /** Its own, else the key of the map, else its name; unique in the file. */
  jobId: string;
  name: string;
  pid: number | null;
  startedAt: number | null;
  /** Null: it keeps none. */
  heartbeatAt: number | null;
  /** Where it works; null where that is not said. */
  cwd: string | null;
  /** A field that is relied on is missing or new: what was expected, what was found. */
  drift: string | null;
}

/** Parse a registry. Entries that are no objects are the file's own business. */
export function parseRegistry(json: string): Parsed<RegisteredAgent[]> {
  const value = parseJson(json);
  const isMap = isObject(value);
  if (!isMap && !Array.isArray(value)) {
    return { ok: false, detail: expected('a JSON map or list', value ?? json.trim().slice(0, 60)) };
  }
  const all: [string | null, unknown][] = isMap ? Object.entries(value) : value.map((entry) => [null, entry]);
  const entries = all.filter((entry): entry is [string | null, Record<string, unknown>] => isObject(entry[1]));
  if (all.length && !entries.length) {
    return { ok: false, detail: expected('a map or list of objects with pid and startedAt', value) };
  }
  if (entries.length > AGENTS_MAX) {
    return { ok: false, detail: expected(`at most ${AGENTS_MAX} entries`, entries.length) };
  }
  const agents = entries.map(([key, entry]) => parseAgent(key, entry));
  return { ok: true, value: withOwnIds(agents) };
}

function parseAgent(key: string | null, entry: Record<string, unknown>): RegisteredAgent {
  const given = (name: string, other: string) => entry[name] ?? entry[other];
  const { pid } = entry;
  const startedAt = given('startedAt', 'started_at');
  const heartbeatAt = given('heartbeatAt', 'heartbeat_at');
  const name = textIn(entry.name);
  const jobId = textIn(given('jobId', 'job_id')) ?? (key === null ? null : textIn(key)) ?? name ?? `pid ${textIn(pid)}`;
  const agent: RegisteredAgent = {
    jobId,
    name: name ?? jobId,
    pid: isPid(pid) ? pid : null,
    startedAt: timeIn(startedAt),
    heartbeatAt: timeIn(heartbeatAt),
    cwd: isAbsolutePath(entry.cwd) ? entry.cwd : null,
    drift: null,
  };
  if (agent.pid === null) agent.drift = expected('pid as a whole number above 1', pid);
  else if (agent.startedAt === null) agent.drift = expected(`startedAt as ${A_TIME}`, startedAt);
  else if (heartbeatAt != null && agent.heartbeatAt === null) {
    agent.drift = expected(`heartbeatAt as ${A_TIME}`, heartbeatAt);
  }
  return agent;
}

const A_TIME = 'a time (milliseconds or seconds since 1970, or RFC 3339 with a zone)';

/** Seconds or milliseconds since the epoch, told apart by their size, or RFC 3339. Null: no time, or one without a zone. */
function timeIn(value: unknown): number | null {
  if (typeof value === 'number') {
    if (value >= 1e11 && value <= 8.64e15) return value;
    return value >= 1e8 && value < 1e11 ? value * 1000 : null;
  }
  const parsed = parseTime(value);
  return parsed.ok ? parsed.at : null;
}

function textIn(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? harmless(value.trim(), TEXT_MAX) : null;
}

function withOwnIds(agents: RegisteredAgent[]): RegisteredAgent[] {
  const seen = new Map<string, number>();
  return agents.map((agent) => {
    const count = (seen.get(agent.jobId) ?? 0) + 1;
    seen.set(agent.jobId, count);
    return count === 1 ? agent : { ...agent, jobId: `${agent.jobId} (${count})` };
  });
}
