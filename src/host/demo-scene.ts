import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const START_MS = 15_000;
const END_MS = 10_000;

export interface DemoOptions {
  /** A Node, or an Electron that then runs as one. */
  execPath: string;
  /** The built demo program, out/demo/index.js. */
  scriptPath: string;
  /** The built CLI, out/cli/index.js: the scene is then a supervised run like any other. Else it is started as it is. */
  supervisorPath?: string;
  /** Where the scene's own new directory is made; the system's temporary directory unless given. */
  directory?: string;
  /** How many times faster than life; 1 unless given. */
  speed?: number;
}

export interface Demo {
  /** The scene's own state directory: what to watch. */
  directory: string;
  /** Ends the demo workers and removes their directory. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Start a scene of demo workers, each a process of its own. They end with this process, however it ends.
 *
 * Rejects with a sentence when the scene did not start within 15 s.
 */
export function startDemo(options: DemoOptions): Promise<Demo> {
  const args = [options.scriptPath, 'scene', '--json', '--until-stdin-closes'];
  if (options.directory !== undefined) args.push('--directory', options.directory);
  if (options.speed !== undefined) args.push('--speed', String(options.speed));
  const supervisor = options.supervisorPath
    ? [options.supervisorPath, 'run', '--name', 'demo workers', '--', options.execPath]
    : [];
  const starter = spawn(options.execPath, [...supervisor, ...args], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  starter.stdin.on('error', () => {});
  const closed = new Promise<void>((done) => starter.once('close', () => done()));
  let complaint = '';
  starter.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2_000);
  });

  const stop = async (): Promise<void> => {
    starter.stdin.end();
    const hard = setTimeout(() => starter.kill('SIGKILL'), END_MS);
    await closed;
    clearTimeout(hard);
  };

  return new Promise((done, refuse) => {
    const late = setTimeout(() => {
      refuse(new Error(`The demo workers did not start within ${START_MS / 1000} s.`));
      void stop();
    }, START_MS);
    starter.once('error', (error) => refuse(new Error(`The demo workers cannot be started: ${error.message}`)));
    void closed.then(() => {
      clearTimeout(late);
      const reason = complaint.replace(/^idlewatch demo: /, '').trim();
      refuse(new Error(`The demo workers ended at once: ${reason || 'no reason was given'}`));
    });
    createInterface({ input: starter.stdout }).once('line', (line) => {
      clearTimeout(late);
      done({ directory: (JSON.parse(line) as { directory: string }).directory, stop });
    });
  });
}
