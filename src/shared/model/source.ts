/** Names one worker for good: `<source kind>:<absolute path or the source's own key>`. */
export type WorkerId = string;

/** Where a worker comes from. One adapter a kind, see src/engine/sources. */
export const SOURCE_KINDS = [
  'worker-directory',
  'workbench',
  'supervised-run',
  'opencode',
  'claude-code',
  'codex',
  'agent-registry',
  'task-list',
] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** What the workers of a source are: of sessions and tasks it is also told whether they are idle. */
export type Nature = 'worker' | 'session' | 'task';

const NATURES: Record<SourceKind, Nature> = {
  'worker-directory': 'worker',
  workbench: 'worker',
  'supervised-run': 'worker',
  opencode: 'session',
  'claude-code': 'session',
  codex: 'session',
  'agent-registry': 'worker',
  'task-list': 'task',
};

export function natureOf(source: SourceKind): Nature {
  return NATURES[source];
}
