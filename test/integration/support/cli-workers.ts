import { mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment } from './run-cli';

/** Homes and a state directory of a test's own, with workers in it. It lies below `root`, which whoever made it removes. */
export interface CliScene {
  base: string;
  /** The state directory. */
  run: string;
  environment: Record<string, string>;
  /** Give a worker a heartbeat of now, with these fields. */
  beat(name: string, heartbeat: object): string;
  idOf(name: string): string;
}

export function cliScene(root: string): CliScene {
  const base = mkdtempSync(join(root, 'scene-'));
  const run = join(base, 'my-run');
  mkdirSync(join(run, 'workers'), { recursive: true });
  const directoryOf = (name: string) => join(run, 'workers', name);
  return {
    ...{ base, run },
    environment: cleanEnvironment(base),
    beat(name, heartbeat) {
      const directory = directoryOf(name);
      mkdirSync(directory, { recursive: true });
      const file = join(directory, 'heartbeat.json');
      writeFileSync(`${file}.new`, JSON.stringify({ ts: new Date().toISOString(), ...heartbeat }));
      renameSync(`${file}.new`, file);
      return directory;
    },
    idOf: (name) => `worker-directory:${directoryOf(name)}`,
  };
}
