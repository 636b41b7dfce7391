import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BEHAVIOUR_NAMES, type BehaviourName } from './behaviours';
import { ownScript } from './own-script';

const END_GRACE_MS = 3_000;

export interface Scene {
  /** A state directory of its own: `workers/NAME` for each worker. */
  directory: string;
  /** Ends the workers of this scene, and nothing else, and removes its directory. */
  stop(): Promise<void>;
}

/**
 * Start one demo worker of every behaviour, each a process of its own.
 *
 * @param parentDirectory where the scene's own new directory is made
 * @param speed how many times faster than life everything goes
 */
export function startScene(parentDirectory: string, speed: number): Scene {
  mkdirSync(parentDirectory, { recursive: true });
  const directory = mkdtempSync(join(realpathSync(parentDirectory), 'idlewatch-demo-'));
  const workers = BEHAVIOUR_NAMES.map((name) => startWorker(name, join(directory, 'workers', name), speed));
  return {
    directory,
    async stop() {
      await Promise.all(workers.map(endWorker));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function startWorker(behaviour: BehaviourName, directory: string, speed: number): ChildProcess {
  mkdirSync(directory, { recursive: true });
  const args = ['worker', '--behaviour', behaviour, '--directory', directory, '--speed', String(speed)];
  const child = spawn(process.execPath, [...ownScript(), ...args, '--until-stdin-closes'], {
    cwd: directory,
    env: { ...process.env, IDLEWATCH_WORKER_DIR: directory },
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  });
  child.on('error', (error) => process.stderr.write(`idlewatch demo: cannot start ${behaviour}: ${error.message}\n`));
  // Ended workers make the pipe fail; that is how most scenes end.
  child.stdin?.on('error', () => {});
  child.stdout?.resume();
  return child;
}

/** Close its lifeline; `close` comes when it and all who share its output have ended. */
async function endWorker(child: ChildProcess): Promise<void> {
  if (child.stdout?.closed && hasExited(child)) return;
  const closed = new Promise<void>((done) => child.once('close', () => done()));
  child.stdin?.end();
  const hard = setTimeout(() => child.kill('SIGKILL'), END_GRACE_MS);
  await closed;
  clearTimeout(hard);
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
