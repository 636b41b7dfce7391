import { z } from 'zod';
import { ms } from './numbers';
import { settingsOf } from './setting';

const setting = settingsOf('Watching');

const PATHS = { of: 'paths', separator: ':' };

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

export const watching = {
  workerDirs: setting(z.array(z.string().min(1).max(4096)).max(256).default([]), {
    title: 'Worker directories',
    description:
      'State directories that hold workers/, directories of worker directories, or single worker directories.',
    list: PATHS,
  }),
  workbenchDirs: setting(z.array(z.string().min(1).max(4096)).max(256).default([]), {
    title: 'Workbench directories',
    description: 'Directories of workbenches named slug-seconds. Beside them: ~/.moadim/workbenches, where it exists.',
    list: PATHS,
  }),
  opencodeServers: setting(
    z
      .array(z.url({ protocol: /^https?$/ }).max(2048))
      .max(64)
      .default([]),
    {
      title: 'OpenCode servers',
      description:
        'Addresses such as http://127.0.0.1:4096, with user:password@ where one is needed. Servers on this machine are found by themselves.',
      list: { of: 'addresses', separator: ',' },
    },
  ),
  agentRegistries: setting(z.array(z.string().min(1).max(4096)).max(64).default([]), {
    title: 'Registry files of other programs',
    description: 'Files such as running-agents.json: a list or map of pid, startedAt, name.',
    list: PATHS,
  }),
  taskLists: setting(z.array(taskList).max(64).default([]), {
    title: 'Task lists',
    description:
      'JSON, JSONL or SQLite files with tasks: path, columns, and the states in which a task must not stay for long.',
  }),
  sweepIntervalMs: setting(ms(30_000, 1_000, 600_000), {
    title: 'Sweep interval',
    description: 'How often all directories are gone through for new workers and for what file events missed.',
    unit: 'ms',
  }),
};
