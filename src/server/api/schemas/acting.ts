import { z } from 'zod';
import type { IdleItem } from '../../../engine/monitor-types';
import type { SettingsView } from '../../../shared/ipc';
import type { Asker, KillPlan, KillReceipt, PlannedProcess, ReceiptProcess } from '../../../shared/model';
import { SETTING_KEYS, type SettingKey, settingsSchema, settingWords } from '../../../shared/settings';
import type { ErrorBody } from '../errors';
import { describes } from './named';
import { workerId } from './worker';

const at = z.number().describe('Milliseconds since 1970-01-01 UTC.');
const ms = z.number().describe('Milliseconds.');
const pid = z.int();

const ASKERS = ['window', 'tray', 'cli', 'api', 'policy', 'supervisor', 'test'] as const satisfies readonly Asker[];

const plannedProcess = describes<PlannedProcess>()(
  'PlannedProcess',
  z.strictObject({
    pid,
    ppid: pid,
    depth: z.int(),
    startTime: z.string(),
    startedAt: at.nullable(),
    command: z.string(),
    why: z.string(),
    heldStill: z.literal(true).optional(),
  }),
);

export const killPlan = describes<KillPlan>()(
  'KillPlan',
  z.strictObject({
    planId: z.string(),
    workerId,
    workerName: z.string(),
    madeAt: at,
    killGraceMs: ms,
    session: z.string().nullable(),
    abort: z.string().nullable(),
    processes: z.array(plannedProcess),
    spared: z.array(z.strictObject({ pid, command: z.string(), why: z.string() })),
    refused: z.string().nullable().describe('Why nothing can be ended; null when it can.'),
    sharedWith: z
      .array(z.strictObject({ id: workerId, name: z.string() }))
      .describe('Other workers that live in the same processes and would end too.'),
    steps: z.array(z.string()),
  }),
);

const receiptProcess = describes<ReceiptProcess>()(
  'ReceiptProcess',
  z.strictObject({
    pid,
    startTime: z.string(),
    startedAt: at.nullable(),
    command: z.string(),
    signals: z.array(z.strictObject({ signal: z.enum(['SIGTERM', 'SIGKILL']), at })),
    outcome: z.enum(['ended', 'survived', 'not_signalled']),
    note: z.string(),
  }),
);

export const killReceipt = describes<KillReceipt>()(
  'KillReceipt',
  z.strictObject({
    planId: z.string(),
    workerId,
    workerName: z.string(),
    askedBy: z.enum(ASKERS),
    why: z.string(),
    startedAt: at,
    tookMs: ms,
    ended: z.boolean().describe('True only when nothing is left.'),
    summary: z.string(),
    session: z.string().nullable(),
    processes: z.array(receiptProcess),
  }),
);

export const idleItem = describes<IdleItem>()(
  'IdleItem',
  z.strictObject({
    workerId,
    taskId: z.string().nullable().describe('Null: the worker itself is the session or task.'),
    name: z.string(),
    status: z.enum(['active', 'idle', 'timed_out']),
    since: at.nullable().describe('Last activity; null where none is known.'),
    thresholdMs: ms,
  }),
);

export const settingsView = describes<SettingsView>()(
  'SettingsView',
  z.strictObject({
    settings: settingsSchema.describe('In force. Passwords in addresses are left out: http://…@host.'),
    pinned: z.array(z.string()).describe('Set by the environment or an option: the file cannot change these now.'),
    errors: z.array(z.strictObject({ key: z.string(), from: z.string(), message: z.string() })),
    file: z.string(),
    doors: z.strictObject({
      api: z.string().nullable(),
      gateway: z.string().nullable(),
      problems: z.array(z.string()),
    }),
  }),
);

/** Any of the settings; null takes one away. Only described here: the settings' own words say what is wrong. */
export const settingsPatch = z.strictObject(
  Object.fromEntries(SETTING_KEYS.map((key) => [key, describedSetting(key)])),
);

function describedSetting(key: SettingKey): z.ZodType {
  return settingsSchema.shape[key].unwrap().nullable().optional().describe(settingWords(key).description);
}

export const errorBody = describes<ErrorBody>()(
  'Error',
  z.strictObject({
    error: z.strictObject({
      code: z.enum([
        ...(['invalid', 'too_large', 'wrong_type', 'not_signed_in', 'wrong_host', 'wrong_origin'] as const),
        ...([
          'too_many_requests',
          'not_found',
          'unknown',
          'refused',
          'shared',
          'full',
          'unavailable',
          'internal',
        ] as const),
      ]),
      message: z.string().describe('In words: what, its value, what is allowed.'),
    }),
  }),
);
