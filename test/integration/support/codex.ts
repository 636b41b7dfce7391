import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchProgram } from './npm-program';
import type { RealProcesses, Running } from './real-processes';
import type { StandIn } from './stand-in';

/** A Codex of a test's own: the real program, its homes below `base`, and the stand-in for its model. */
export interface Codex {
  /** Its own directory. */
  home: string;
  environment: Record<string, string>;
  /** The real program, as npm ships it. */
  program: string;
  /** The folder in which a session of this name works. */
  folder(name: string): string;
  /** `codex exec` in a folder of its own, free to run commands. It ends with `processes`, with all its commands. */
  exec(name: string, prompt: string, ...args: string[]): Running;
}

/** The version all this was tried with. */
export function fetchCodex(): string | null {
  return fetchProgram('@openai/codex', '0.169', 'codex');
}

export function makeCodex(program: string, base: string, standIn: StandIn, processes: RealProcesses): Codex {
  const home = join(base, 'codex-home');
  const environment = {
    HOME: join(base, 'home'),
    CODEX_HOME: home,
    PATH: process.env.PATH ?? '',
    STANDIN_KEY: 'none',
    TERM: 'xterm-256color',
  };
  for (const folder of [home, environment.HOME]) mkdirSync(folder, { recursive: true });
  const config = [
    'model = "stand-in"',
    'model_provider = "local"',
    'check_for_update_on_startup = false',
    '[model_providers.local]',
    'name = "local"',
    `base_url = "${standIn.url}"`,
    'wire_api = "responses"',
    'env_key = "STANDIN_KEY"',
    '[features]',
    'daemon_auto_start = false',
  ];
  const folder = (name: string) => {
    const path = join(base, 'work', name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  writeFileSync(
    join(home, 'config.toml'),
    `${config.join('\n')}\n[projects."${folder('trusted')}"]\ntrust_level = "trusted"\n`,
  );
  return {
    home,
    environment,
    program,
    folder,
    exec(name, prompt, ...args) {
      const sandbox = ['--skip-git-repo-check', '-s', 'danger-full-access'];
      return processes.run(program, ['exec', ...sandbox, ...args, prompt], {
        cwd: folder(name),
        env: environment,
        stdio: 'ignore',
      });
    },
  };
}
