import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { buildPrograms, type Programs } from './programs';
import { cleanEnvironment } from './run-cli';

/** A worker that has beaten once is well for as long as it takes to start the programs of a test on a busy machine. */
const PATIENT = { heartbeat_missing_secs: '600', heartbeat_stale_secs: '600' };

/** Homes and a state directory of a test's own, with workers in it. It lies below `root`, which whoever made it removes. */
export interface CliScene {
  base: string;
  /** The state directory. */
  run: string;
  /** In it heartbeats may be ten minutes old, unless an option says otherwise. */
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
    environment: { ...cleanEnvironment(base), ...PATIENT },
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

/** The command line, built once for the test file that calls this, and a scene anew for each of its tests. */
export function builtCli(): { readonly path: string; readonly scene: CliScene } {
  let programs: Programs | null = null;
  let root = '';
  let scene: CliScene | null = null;
  beforeAll(async () => {
    programs = await buildPrograms(['cli']);
    root = mkdtempSync(join(tmpdir(), 'idlewatch-cli-test-'));
  });
  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
    programs?.remove();
  });
  beforeEach(() => {
    scene = cliScene(root);
  });
  const now = <T>(it: T | null): T => {
    if (it === null) throw new Error('there is none outside of a test');
    return it;
  };
  return {
    get path() {
      return now(programs).cli;
    },
    get scene() {
      return now(scene);
    },
  };
}
