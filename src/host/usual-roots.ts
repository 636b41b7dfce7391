import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ON_THIS_MACHINE, type WatchedRoots } from '../engine/monitor-types';
import type { Settings } from '../shared/settings';
import { claudeConfigDirectory, codexHome } from './agent-homes';
import { heartbeatFolder } from './heartbeat-drop';
import { findWorkersDirectories } from './state-directories';
import { findWorkbenchDirectories } from './workbench-directories';

type Environment = Record<string, string | undefined>;
type Named = Pick<Settings, 'workerDirs' | 'workbenchDirs' | 'opencodeServers' | 'agentRegistries' | 'taskLists'>;

/** Where each source looks unless a person says otherwise: what the settings name, the usual places, and our own runs. */
export function usualRoots(settings: Named, environment: Environment, stateFolder: string): WatchedRoots {
  return {
    'worker-directory': unique([
      ...settings.workerDirs,
      ...findWorkersDirectories(environment),
      ...[heartbeatFolder(stateFolder)].filter(isDirectory),
    ]),
    workbench: unique([...settings.workbenchDirs, ...findWorkbenchDirectories(environment)]),
    'supervised-run': [join(stateFolder, 'runs')],
    opencode: unique([ON_THIS_MACHINE, ...settings.opencodeServers]),
    'claude-code': [claudeConfigDirectory(environment)].filter(isDirectory),
    codex: [codexHome(environment)].filter(isDirectory),
    'agent-registry': unique(settings.agentRegistries),
    'task-list': unique(settings.taskLists.map(({ path }) => path)),
  };
}

export function unique(paths: string[]): string[] {
  return [...new Set(paths)];
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
