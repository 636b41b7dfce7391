import type { SourceKind } from '../../shared/model';
import { createAgentRegistrySource } from './agent-registry/source';
import { createClaudeCodeSource } from './claude-code/source';
import { createCodexSource } from './codex/source';
import { createOpenCodeSource } from './opencode/source';
import type { Source, SourceContext } from './source';
import { createSupervisedRunSource } from './supervised-run/source';
import { createTaskListSource } from './task-list/source';
import { createWorkbenchSource } from './workbench/source';
import { createWorkerDirectorySource } from './worker-directory/source';

/** Every kind of source, once. A kind in the vocabulary without an adapter here does not compile. */
const ADAPTERS: Record<SourceKind, (context: SourceContext) => Source> = {
  'worker-directory': createWorkerDirectorySource,
  workbench: createWorkbenchSource,
  'supervised-run': createSupervisedRunSource,
  opencode: createOpenCodeSource,
  'claude-code': createClaudeCodeSource,
  codex: createCodexSource,
  'agent-registry': createAgentRegistrySource,
  'task-list': createTaskListSource,
};

export function createSources(context: SourceContext): Source[] {
  return Object.values(ADAPTERS).map((create) => create(context));
}
