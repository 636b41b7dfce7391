import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { makeWorkerDir } from '../../fixtures/worker-dir';

const PROGRAM = resolve(import.meta.dirname, '../../fixtures/programs/agent.mjs');

export interface AgentOptions {
  children?: number;
  ignoreSigterm?: boolean;
}

/** A real worker process that writes exactly the heartbeats it is told to. */
export class Agent {
  readonly directory: string;
  readonly #child: ChildProcess;

  constructor(parent: string, name: string, { children = 0, ignoreSigterm = false }: AgentOptions = {}) {
    this.directory = makeWorkerDir(parent, name);
    const args = [PROGRAM, this.directory, '--children', String(children)];
    if (ignoreSigterm) args.push('--ignore-sigterm');
    this.#child = spawn(process.execPath, args, { cwd: this.directory, stdio: ['pipe', 'ignore', 'inherit'] });
    this.#child.stdin?.on('error', () => {});
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the agent did not start');
    return this.#child.pid;
  }

  /** One heartbeat, or one every `everyMs` from now on. */
  beat(heartbeat: Record<string, unknown>, everyMs?: number): void {
    this.#child.stdin?.write(`${JSON.stringify({ ...heartbeat, every_ms: everyMs })}\n`);
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get endedBy(): NodeJS.Signals | null {
    return this.#child.signalCode;
  }

  /** Ends it for sure, and its children, which end when their standard input closes. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
