import { z } from 'zod';
import { SOURCE_KINDS } from './model';
import { inWords, type JsonSchema, nestedFault, show } from './setting-words';

/**
 * Every setting once: its name, default, bounds and words. The same names serve `settings.json`, the environment and,
 * in kebab case, the command line (`heartbeat_missing_secs` is `--heartbeat-missing-secs`).
 * Units stand in the names: `_secs`, `Ms`/`_MS`, `_MB`, `Percent`.
 */

export type SettingGroup =
  | 'Watching'
  | 'Silence'
  | 'Idle'
  | 'Ending'
  | 'Cleaning up'
  | 'Telling'
  | 'Local API'
  | 'Gateway'
  | 'History';

interface SettingWords {
  title: string;
  group: SettingGroup;
  description: string;
  unit?: 's' | 'min' | 'ms' | 'MB' | '%' | 'days';
  /** Of a list: what it holds, and what stands between two when it is written as text. */
  list?: { of: string; separator: string };
}

const PATHS = { of: 'paths', separator: ':' };

const words = new Map<string, SettingWords>();

/** Attach the words the settings page and the errors use. */
function setting<T extends z.ZodType>(key: string, schema: T, about: SettingWords): T {
  words.set(key, about);
  return schema;
}

/** What happens by itself to a worker that stays stalled: nothing, a notification, an offer to end it, its end. */
export const POLICY_ACTIONS = ['monitor', 'notify', 'suggest', 'kill'] as const;
export type PolicyAction = (typeof POLICY_ACTIONS)[number];

const policyRule = z.strictObject({
  action: z.enum(POLICY_ACTIONS).default('monitor'),
  /** How long a worker must have been stalled. */
  afterSecs: z.number().min(0).max(86_400).default(300),
  /** Time between SIGTERM and SIGKILL when the policy ends it. */
  killGraceMs: z.number().int().min(0).max(600_000).default(10_000),
});
/** What the policy does with the workers of one source. */
export type PolicyRule = z.infer<typeof policyRule>;

/** The rule for a source that has none of its own: only watched. */
export function defaultPolicyRule(): PolicyRule {
  return policyRule.parse({});
}

const column = z.string().min(1).max(200).describe('a name');
const taskList = z.strictObject({
  path: z.string().min(1).max(4096).describe('a path'),
  /** Of a SQLite file. */
  table: column.nullable().default(null),
  /** What the columns or fields are called; `lastActivity` may be missing in the file: then the file's own time counts. */
  columns: z
    .strictObject({
      id: column.default('id'),
      title: column.default('title'),
      state: column.default('state'),
      lastActivity: column.default('last_activity'),
    })
    .default({ id: 'id', title: 'title', state: 'state', lastActivity: 'last_activity' }),
  /** States in which a task must not stay for long. */
  intermediate: z.array(z.string().min(1).max(200)).max(64).default(['planning', 'in_progress', 'ai_review']),
  /** States of tasks that are over. */
  final: z.array(z.string().min(1).max(200)).max(64).default(['done', 'completed', 'cancelled', 'failed']),
  /** How long a task may stay in an intermediate state; null: IDLE_TASK_TIMEOUT_MINUTES. */
  stuckAfterMinutes: z.number().min(1).max(525_600).nullable().default(null),
});
/** One file of tasks. */
export type TaskListSetting = z.infer<typeof taskList>;

const minutes = (initial: number) => z.number().min(1).max(525_600).default(initial);
const secs = (initial: number, max = 86_400) => z.number().min(1).max(max).default(initial);
const port = (initial: number) => z.number().int().min(0).max(65_535).default(initial);
const count = (initial: number, max: number) => z.number().int().min(1).max(max).nullable().default(initial);
const ms = (initial: number, min = 0, max = 86_400_000) => z.number().int().min(min).max(max).default(initial);

export const settingsSchema = z.strictObject({
  workerDirs: setting('workerDirs', z.array(z.string().min(1).max(4096)).max(256).default([]), {
    title: 'Worker directories',
    group: 'Watching',
    description:
      'State directories that hold workers/, directories of worker directories, or single worker directories.',
    list: PATHS,
  }),
  workbenchDirs: setting('workbenchDirs', z.array(z.string().min(1).max(4096)).max(256).default([]), {
    title: 'Workbench directories',
    group: 'Watching',
    description: 'Directories of workbenches named slug-seconds. Beside them: ~/.moadim/workbenches, where it exists.',
    list: PATHS,
  }),
  opencodeServers: setting(
    'opencodeServers',
    z
      .array(z.url({ protocol: /^https?$/ }).max(2048))
      .max(64)
      .default([]),
    {
      title: 'OpenCode servers',
      group: 'Watching',
      description:
        'Addresses such as http://127.0.0.1:4096, with user:password@ where one is needed. Servers on this machine are found by themselves.',
      list: { of: 'addresses', separator: ',' },
    },
  ),
  agentRegistries: setting('agentRegistries', z.array(z.string().min(1).max(4096)).max(64).default([]), {
    title: 'Registry files of other programs',
    group: 'Watching',
    description: 'Files such as running-agents.json: a list or map of pid, startedAt, name.',
    list: PATHS,
  }),
  taskLists: setting('taskLists', z.array(taskList).max(64).default([]), {
    title: 'Task lists',
    group: 'Watching',
    description:
      'JSON, JSONL or SQLite files with tasks: path, columns, and the states in which a task must not stay for long.',
  }),
  sweepIntervalMs: setting('sweepIntervalMs', ms(30_000, 1_000, 600_000), {
    title: 'Sweep interval',
    group: 'Watching',
    description: 'How often all directories are gone through for new workers and for what file events missed.',
    unit: 'ms',
  }),
  heartbeat_missing_secs: setting('heartbeat_missing_secs', secs(30), {
    title: 'Heartbeat missing after',
    group: 'Silence',
    description: 'A worker without any sign of life for this long is stalled (process alive) or dead.',
    unit: 's',
  }),
  heartbeat_stale_secs: setting('heartbeat_stale_secs', secs(60), {
    title: 'Heartbeat stale after',
    group: 'Silence',
    description: 'A busy worker without progress for this long is stalled.',
    unit: 's',
  }),
  command_timeout_secs: setting('command_timeout_secs', secs(300), {
    title: 'Command timeout',
    group: 'Silence',
    description: 'A command known to run may be silent for this long.',
    unit: 's',
  }),
  session_stale_secs: setting('session_stale_secs', secs(300), {
    title: 'Session stale after',
    group: 'Silence',
    description: 'A session of an agent program that is busy without anything happening for this long is stalled.',
    unit: 's',
  }),
  sessionMaxRunMinutes: setting('sessionMaxRunMinutes', z.number().min(1).max(525_600).nullable().default(null), {
    title: 'Session run time',
    group: 'Silence',
    description: 'A session that has been busy for longer in all is stalled. Empty: as long as it likes.',
    unit: 'min',
  }),
  startupGraceMs: setting('startupGraceMs', ms(30_000), {
    title: 'Startup grace',
    group: 'Silence',
    description: 'A new worker may take this long to its first heartbeat.',
    unit: 'ms',
  }),
  wakeGraceMs: setting('wakeGraceMs', ms(30_000), {
    title: 'Wake-up grace',
    group: 'Silence',
    description: 'Verdicts hold for this long after the machine slept or the clock jumped.',
    unit: 'ms',
  }),
  clockSkewToleranceMs: setting('clockSkewToleranceMs', ms(5_000, 0, 3_600_000), {
    title: 'Clock skew tolerated',
    group: 'Silence',
    description: 'A timestamp further in the future than this is not believed; the file’s own time is used.',
    unit: 'ms',
  }),
  requestSilenceMs: setting('requestSilenceMs', ms(120_000, 1_000), {
    title: 'Open model request',
    group: 'Silence',
    description: 'An open model request younger than this holds off a verdict of silence.',
    unit: 'ms',
  }),
  INITIAL_IDLE_TIMEOUT_MS: setting('INITIAL_IDLE_TIMEOUT_MS', ms(30_000, 100), {
    title: 'Idle timeout at the start',
    group: 'Idle',
    description: 'Silence after which the whole counts as idle, before traffic has moved it.',
    unit: 'ms',
  }),
  MIN_IDLE_TIMEOUT_MS: setting('MIN_IDLE_TIMEOUT_MS', ms(10_000, 100), {
    title: 'Shortest idle timeout',
    group: 'Idle',
    description: 'Sparse traffic shortens the idle timeout down to this.',
    unit: 'ms',
  }),
  MAX_IDLE_TIMEOUT_MS: setting('MAX_IDLE_TIMEOUT_MS', ms(120_000, 100), {
    title: 'Longest idle timeout',
    group: 'Idle',
    description: 'Dense traffic lengthens the idle timeout up to this.',
    unit: 'ms',
  }),
  EWMA_DECAY: setting('EWMA_DECAY', z.number().gt(0).lt(1).default(0.85), {
    title: 'Traffic rate decay',
    group: 'Idle',
    description: 'Weight of the past in the traffic rate, for each event: 0.85 keeps 85 %.',
  }),
  IDLE_CHECK_INTERVAL_MS: setting('IDLE_CHECK_INTERVAL_MS', ms(5_000, 100, 600_000), {
    title: 'Idle check interval',
    group: 'Idle',
    description: 'How often the idle manager is asked and memory is read.',
    unit: 'ms',
  }),
  IDLE_MEMORY_THRESHOLD_MB: setting(
    'IDLE_MEMORY_THRESHOLD_MB',
    z.number().min(1).max(16_777_216).nullable().default(null),
    {
      title: 'Workers’ memory threshold',
      group: 'Idle',
      description: 'While the workers together hold more than this, the whole is not idle. Empty: no threshold.',
      unit: 'MB',
    },
  ),
  IDLE_SESSION_TIMEOUT_MINUTES: setting('IDLE_SESSION_TIMEOUT_MINUTES', minutes(60), {
    title: 'Session idle after',
    group: 'Idle',
    description: 'A session without activity for this long is idle.',
    unit: 'min',
  }),
  IDLE_TASK_TIMEOUT_MINUTES: setting('IDLE_TASK_TIMEOUT_MINUTES', minutes(120), {
    title: 'Task idle after',
    group: 'Idle',
    description: 'A task without activity for this long is idle, and stuck where it is in an intermediate state.',
    unit: 'min',
  }),
  idleTimeoutMinutesByKind: setting(
    'idleTimeoutMinutesByKind',
    z.partialRecord(z.enum(SOURCE_KINDS), z.number().min(1).max(525_600)).default({}),
    {
      title: 'Idle after, by kind',
      group: 'Idle',
      description: 'For single kinds, in place of the two above.',
      unit: 'min',
    },
  ),
  IDLE_CHECK_INTERVAL_SECONDS: setting('IDLE_CHECK_INTERVAL_SECONDS', secs(30, 3_600), {
    title: 'Idle sessions looked for every',
    group: 'Idle',
    description: 'How often sessions and tasks are gone through for idle ones.',
    unit: 's',
  }),
  IDLE_AUTO_TIMEOUT_ENABLED: setting('IDLE_AUTO_TIMEOUT_ENABLED', z.boolean().default(false), {
    title: 'End idle sessions by itself',
    group: 'Idle',
    description: 'Idle sessions of a kind that is set to be ended are ended like stalled ones.',
  }),
  MEMORY_GROWTH_WINDOW_MS: setting('MEMORY_GROWTH_WINDOW_MS', ms(60_000, 1_000), {
    title: 'Memory growth window',
    group: 'Idle',
    description: 'The workers’ memory counts as growing when it grew by more than 10 % and 16 MB within this.',
    unit: 'ms',
  }),
  memoryPressurePercent: setting('memoryPressurePercent', z.number().min(1).max(100).default(90), {
    title: 'Memory pressure',
    group: 'Idle',
    description: 'While the machine uses more of its memory than this, the whole is not idle.',
    unit: '%',
  }),
  killGraceMs: setting('killGraceMs', ms(5_000, 0, 600_000), {
    title: 'Kill grace',
    group: 'Ending',
    description: 'Time between SIGTERM and SIGKILL.',
    unit: 'ms',
  }),
  endingPolicy: setting('endingPolicy', z.partialRecord(z.enum(SOURCE_KINDS), policyRule).default({}), {
    title: 'What happens by itself',
    group: 'Ending',
    description:
      'For each kind of worker: nothing but watching, a notification, a suggestion, or ending it once it has been stalled for so long.',
  }),
  policyCheckIntervalMs: setting('policyCheckIntervalMs', ms(30_000, 1_000, 600_000), {
    title: 'Policy check interval',
    group: 'Ending',
    description: 'How often stalled workers are gone through. Ending one needs two fresh readings this far apart.',
    unit: 'ms',
  }),
  overloadLoadPerCore: setting('overloadLoadPerCore', z.number().min(0.1).max(1_000).default(4), {
    title: 'Overloaded above',
    group: 'Ending',
    description: 'While more programs than this wait for each processor core, nothing is ended automatically.',
  }),
  breakerPercent: setting('breakerPercent', z.number().min(1).max(100).default(30), {
    title: 'Circuit breaker',
    group: 'Ending',
    description:
      'When more than this share of the workers (and more than two) turn stalled within a minute, automatic ending stops.',
    unit: '%',
  }),
  breakerQuietMs: setting('breakerQuietMs', ms(600_000, 1_000), {
    title: 'Circuit breaker closes after',
    group: 'Ending',
    description: 'So long nothing must turn stalled for the circuit breaker to close by itself.',
    unit: 'ms',
  }),
  keepAlive: setting('keepAlive', z.array(z.string().min(1).max(8192)).max(10_000).default([]), {
    title: 'Kept alive',
    group: 'Ending',
    description: 'Workers, by their id, that the policy never ends.',
    list: { of: 'worker ids', separator: ',' },
  }),
  orphanedRuns: setting('orphanedRuns', z.enum(['show', 'end']).default('show'), {
    title: 'Orphaned runs',
    group: 'Ending',
    description:
      'What happens to a supervised command whose supervisor is gone: it is shown and its end offered, or it is ended.',
  }),
  workbenchMaxRuntimeSecs: setting('workbenchMaxRuntimeSecs', secs(3_600, 3_600), {
    title: 'Workbench run time',
    group: 'Silence',
    description: 'A workbench that has been running for longer is stalled. A routine’s own limit can only shorten it.',
    unit: 's',
  }),
  workbenchTtlSecs: setting('workbenchTtlSecs', z.number().min(0).max(3_600).default(3_600), {
    title: 'Finished workbenches are kept for',
    group: 'Cleaning up',
    description: 'After this a finished workbench may be removed. A routine’s own value can only shorten it.',
    unit: 's',
  }),
  runTtlSecs: setting('runTtlSecs', z.number().min(0).max(31_536_000).default(86_400), {
    title: 'Finished runs are kept for',
    group: 'Cleaning up',
    description: 'After this the directory of a finished supervised run may be removed.',
    unit: 's',
  }),
  reapAutomatically: setting('reapAutomatically', z.boolean().default(false), {
    title: 'Remove what is finished by itself',
    group: 'Cleaning up',
    description: 'Once an hour; otherwise only when asked.',
  }),
  leftoversMaxMB: setting('leftoversMaxMB', z.number().min(1).max(16_777_216).nullable().default(null), {
    title: 'Finished ones may take up',
    group: 'Cleaning up',
    description: 'Over this the oldest finished go before their time. Empty: no limit.',
    unit: 'MB',
  }),
  notifyStalled: setting('notifyStalled', z.boolean().default(true), {
    title: 'Notify when a worker stalls or dies',
    group: 'Telling',
    description: 'One notification for each transition; clicking it shows the worker.',
  }),
  notifyWaiting: setting('notifyWaiting', z.boolean().default(true), {
    title: 'Notify when a worker waits for you',
    group: 'Telling',
    description: 'With what it asks, where that is known.',
  }),
  notifyFinished: setting('notifyFinished', z.boolean().default(true), {
    title: 'Notify when a run has finished',
    group: 'Telling',
    description: 'A supervised run, a workbench or a session’s work has ended, and how.',
  }),
  announceAfterMs: setting('announceAfterMs', ms(2_000, 0, 3_600_000), {
    title: 'Announced after',
    group: 'Telling',
    description: 'A state must hold for this long before a notification tells of it.',
    unit: 'ms',
  }),
  announceAgainAfterMs: setting('announceAgainAfterMs', ms(3_600_000), {
    title: 'Announced again after',
    group: 'Telling',
    description: 'Of one worker no more is told within this time.',
    unit: 'ms',
  }),
  mutedSources: setting('mutedSources', z.array(z.enum(SOURCE_KINDS)).max(SOURCE_KINDS.length).default([]), {
    title: 'Muted kinds',
    group: 'Telling',
    description: 'Of workers of these kinds no notification tells.',
    list: { of: 'kinds', separator: ',' },
  }),
  quietHours: setting(
    'quietHours',
    z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/)
      .describe('two times of day such as 22:00-07:00')
      .nullable()
      .default(null),
    {
      title: 'Quiet hours',
      group: 'Telling',
      description: 'No notification between these times of day, such as 22:00-07:00. Empty: none.',
    },
  ),
  keepAwake: setting('keepAwake', z.boolean().default(false), {
    title: 'Keep the machine awake',
    group: 'Telling',
    description: 'While any worker is busy the machine does not go to sleep by itself.',
  }),
  apiEnabled: setting('apiEnabled', z.boolean().default(true), {
    title: 'Local API',
    group: 'Local API',
    description:
      'Answers programs on this machine that know the token. Without it nothing else can use the engine of this one.',
  }),
  apiPort: setting('apiPort', port(4747), {
    title: 'Port of the API',
    group: 'Local API',
    description: 'On 127.0.0.1. 0, or where it is taken: any that is free.',
  }),
  gatewayEnabled: setting('gatewayEnabled', z.boolean().default(false), {
    title: 'Model gateway',
    group: 'Gateway',
    description: 'Passes requests of OpenAI-compatible programs on to the upstream, and sees who is at work.',
  }),
  gatewayPort: setting('gatewayPort', port(4748), {
    title: 'Port of the gateway',
    group: 'Gateway',
    description: 'On 127.0.0.1. 0, or where it is taken: any that is free.',
  }),
  IDLEWATCH_UPSTREAM: setting(
    'IDLEWATCH_UPSTREAM',
    z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .describe('an address such as https://api.example.com/v1')
      .nullable()
      .default(null),
    {
      title: 'Upstream',
      group: 'Gateway',
      description: 'Base address of an OpenAI-compatible service, with its /v1. The gateway needs it.',
    },
  ),
  gatewayTimeoutMs: setting('gatewayTimeoutMs', ms(600_000, 100), {
    title: 'Upstream timeout',
    group: 'Gateway',
    description: 'When the upstream has sent nothing for this long, the answer is 504.',
    unit: 'ms',
  }),
  gatewayRetries: setting('gatewayRetries', z.number().int().min(0).max(10).default(2), {
    title: 'Retries',
    group: 'Gateway',
    description: 'How often a request is sent again after a passing failure of the upstream, where that is safe.',
  }),
  gatewayRequestsPerMinute: setting('gatewayRequestsPerMinute', count(600, 1_000_000), {
    title: 'Requests a minute, in all',
    group: 'Gateway',
    description:
      'Half of it while all is idle, 1 while memory is short or the circuit breaker is open. Empty: no limit.',
  }),
  gatewayWorkerRequestsPerMinute: setting('gatewayWorkerRequestsPerMinute', count(120, 1_000_000), {
    title: 'Requests a minute, of one worker',
    group: 'Gateway',
    description: 'The same for each worker. Empty: no limit.',
  }),
  gatewayMemo: setting('gatewayMemo', z.array(z.string().min(1).max(200)).max(256).default([]), {
    title: 'Answers remembered for',
    group: 'Gateway',
    description:
      'Models (gpt-5-mini, or gpt-* for several) and paths (/v1/embeddings) whose identical requests may share one answer.',
    list: { of: 'models and paths', separator: ',' },
  }),
  OPENAI_BATCH_WINDOW_MS: setting('OPENAI_BATCH_WINDOW_MS', ms(150, 0, 60_000), {
    title: 'Shared within',
    group: 'Gateway',
    description: 'Identical requests that come so soon after the first share its answer.',
    unit: 'ms',
  }),
  OPENAI_CACHE_TTL_MS: setting('OPENAI_CACHE_TTL_MS', ms(60_000), {
    title: 'Remembered for',
    group: 'Gateway',
    description: 'So long a whole and good answer is given again. 0: not at all.',
    unit: 'ms',
  }),
  gatewayMemoMaxMB: setting('gatewayMemoMaxMB', z.number().min(1).max(65_536).default(64), {
    title: 'Room for remembered answers',
    group: 'Gateway',
    description: 'In memory; those used longest ago go first.',
    unit: 'MB',
  }),
  historyDays: setting('historyDays', z.number().int().min(1).max(3_650).default(90), {
    title: 'History is kept for',
    group: 'History',
    description: 'Events and figures; figures are kept by the minute after a day and by 15 minutes after a week.',
    unit: 'days',
  }),
  historyMaxMB: setting('historyMaxMB', z.number().min(8).max(65_536).default(256), {
    title: 'Room for history',
    group: 'History',
    description: 'Over this the oldest goes first.',
    unit: 'MB',
  }),
  notifyAllIdle: setting('notifyAllIdle', z.boolean().default(true), {
    title: 'Notify when everything is idle',
    group: 'Telling',
    description: 'One notification when all work has ended after having been busy.',
  }),
});

export type Settings = z.infer<typeof settingsSchema>;
export type SettingKey = keyof Settings;

export const SETTING_KEYS = Object.keys(settingsSchema.shape) as SettingKey[];

/** Title, group, description and unit of a setting. */
export function settingWords(key: SettingKey): SettingWords {
  const about = words.get(key);
  if (!about) throw new Error(`setting ${key} has no words`);
  return about;
}

/** `heartbeat_missing_secs` and `killGraceMs` as command line options: `heartbeat-missing-secs`, `kill-grace-ms`. */
export function optionName(key: SettingKey): string {
  return key
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
}

/** The settings before anyone changed one. */
export function defaultSettings(): Settings {
  return settingsSchema.parse({});
}

/** One wrong value: what it is called, what was given, what is allowed. */
export interface SettingError {
  key: string;
  /** Where the value came from: `settings.json`, `environment`, `option`, `settings page`. */
  from: string;
  message: string;
}

/** What a key allows, in words: `a whole number from 0 to 600000 (ms)`. */
export function allowedValues(key: SettingKey): string {
  const { unit, list } = settingWords(key);
  return inWords(schemaOf(key), list?.of) + (unit ? ` (${unit})` : '');
}

/** Whether a key may have no value at all. */
export function allowsNone(key: SettingKey): boolean {
  return settingsSchema.shape[key].safeParse(null).success;
}

/** Whether having no value is something else than the default: in a patch, null is that value and does not remove the key. */
export function isNoneAValue(key: SettingKey): boolean {
  return allowsNone(key) && defaultSettings()[key] !== null;
}

function schemaOf(key: SettingKey): JsonSchema {
  return z.toJSONSchema(settingsSchema.shape[key], { io: 'input' }) as JsonSchema;
}

export type SettingsResult = { ok: true; settings: Settings } | { ok: false; errors: SettingError[] };

/**
 * Check one layer of settings (a file's object, the environment's, a page's patch) over the settings below it.
 *
 * Nothing is taken over unless all of it is right: the last good settings stay in force. Rules across keys: the idle
 * timeouts keep their order.
 */
export function mergeSettings(below: Settings, layer: unknown, from: string): SettingsResult {
  if (typeof layer !== 'object' || layer === null || Array.isArray(layer)) {
    return {
      ok: false,
      errors: [{ key: '(all)', from, message: `${from}: ${show(layer)} is not an object of settings` }],
    };
  }
  const { values, errors } = parseLayer(layer, from);
  const settings = { ...below, ...values };
  errors.push(...(errors.length ? [] : orderErrors(settings, from)));
  return errors.length ? { ok: false, errors } : { ok: true, settings };
}

/** The keys of one layer that are right by themselves, and what is wrong with the others. */
export function parseLayer(layer: object, from: string): { values: Partial<Settings>; errors: SettingError[] } {
  const errors: SettingError[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(layer)) {
    if (!isSettingKey(key)) {
      errors.push({
        key,
        from,
        message: `${from}: ${show(key)} is not a setting; known are ${SETTING_KEYS.join(', ')}`,
      });
      continue;
    }
    const parsed = settingsSchema.shape[key].safeParse(value);
    if (parsed.success) values[key] = parsed.data;
    else errors.push({ key, from, message: `${from}: ${faultOf(key, value, parsed.error.issues)}` });
  }
  return { values: values as Partial<Settings>, errors };
}

/** What is wrong with a value, by the first thing that is. */
function faultOf(key: SettingKey, value: unknown, [issue]: z.core.$ZodIssue[]): string {
  const nested = issue && nestedFault(key, schemaOf(key), value, issue);
  return nested ?? `${key} is ${show(value)}; allowed is ${allowedValues(key)}`;
}

/** The keys whose values must stand in this order, smallest first. */
export const ORDERED_TIMEOUTS = ['MIN_IDLE_TIMEOUT_MS', 'INITIAL_IDLE_TIMEOUT_MS', 'MAX_IDLE_TIMEOUT_MS'] as const;

/** Rules across keys: empty when the idle timeouts keep their order. */
export function orderErrors(settings: Settings, from: string): SettingError[] {
  const order = [settings.MIN_IDLE_TIMEOUT_MS, settings.INITIAL_IDLE_TIMEOUT_MS, settings.MAX_IDLE_TIMEOUT_MS] as const;
  if (order[0] <= order[1] && order[1] <= order[2]) return [];
  return [
    {
      key: 'INITIAL_IDLE_TIMEOUT_MS',
      from,
      message: `${from}: the idle timeouts are ${order.join(', ')}; allowed is MIN_IDLE_TIMEOUT_MS ≤ INITIAL_IDLE_TIMEOUT_MS ≤ MAX_IDLE_TIMEOUT_MS`,
    },
  ];
}

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(settingsSchema.shape, key);
}

/**
 * Read a setting written as text (environment, option): numbers and booleans by their type, objects and lists of them as
 * JSON, other lists as JSON or separated (paths by `:`, all else by `,`); `none` for no value. Text that does not fit is handed on as it is,
 * for mergeSettings to refuse.
 */
export function settingFromText(key: SettingKey, text: string): unknown {
  const schema = schemaOf(key);
  const types = (schema.anyOf ?? [schema]).map((s) => s.type);
  const trimmed = text.trim();
  if (types.includes('null') && trimmed === 'none') return null;
  const { list } = settingWords(key);
  if (types.includes('object') || (types.includes('array') && !list)) return parseJson(trimmed);
  if (list) return trimmed.startsWith('[') ? parseJson(trimmed) : trimmed.split(list.separator).filter(Boolean);
  if (types.includes('boolean') && (trimmed === 'true' || trimmed === 'false')) return trimmed === 'true';
  if ((types.includes('number') || types.includes('integer')) && trimmed !== '' && Number.isFinite(Number(trimmed))) {
    return Number(trimmed);
  }
  return text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
