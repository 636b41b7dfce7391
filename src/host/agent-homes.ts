import { isAbsolute, join } from 'node:path';
import { homeDirectory } from './home';

type Environment = Record<string, string | undefined>;

/** Where Claude Code keeps its sessions, whether or not it exists: `$CLAUDE_CONFIG_DIR`, default `~/.claude`. */
export function claudeConfigDirectory(environment: Environment): string {
  return givenOr(environment.CLAUDE_CONFIG_DIR, environment, '.claude');
}

/** Where Codex keeps its sessions, whether or not it exists: `$CODEX_HOME`, default `~/.codex`. */
export function codexHome(environment: Environment): string {
  return givenOr(environment.CODEX_HOME, environment, '.codex');
}

function givenOr(given: string | undefined, { HOME }: Environment, name: string): string {
  if (given && isAbsolute(given)) return given;
  return join(HOME && isAbsolute(HOME) ? HOME : homeDirectory(), name);
}
