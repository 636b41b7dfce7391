import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Home, ROOT } from './app';

const SLEEPER = join(ROOT, 'test', 'fixtures', 'programs', 'sleeper.mjs');

/** Rollouts as Codex keeps them, in a test's home; a process holds each open, so that it is a living session. */
export class Rollouts {
  readonly #directory: string;
  /** Whoever rests is found by the name of its program. */
  readonly #program: string;
  readonly #holders: ChildProcess[] = [];
  #count = 0;

  constructor(home: Home) {
    this.#directory = join(home.path, '.codex', 'sessions', '2026', '11', '22');
    mkdirSync(this.#directory, { recursive: true });
    this.#program = join(home.path, 'codex');
    symlinkSync(process.execPath, this.#program);
  }

  /** A session that has been told `name`, and is held by now; below another one where that is given. */
  async begin(name: string, parent?: Rollout): Promise<Rollout> {
    this.#count += 1;
    const thread = `01a20272-0000-7000-8000-${String(this.#count).padStart(12, '0')}`;
    const path = join(this.#directory, `rollout-2026-11-22T08-00-00-${thread}.jsonl`);
    const rollout = new Rollout(thread, path);
    rollout.tell('session_meta', { id: thread, parent_thread_id: parent?.thread, cwd: this.#directory, source: 'cli' });
    rollout.event('user_message', { message: name });
    const holder = spawn(this.#program, [SLEEPER, '--hold', path], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#holders.push(holder);
    await once(holder.stdout, 'data');
    return rollout;
  }

  stop(): void {
    for (const holder of this.#holders) holder.kill('SIGKILL');
  }
}

/** One session's file, to which a test writes as its program would. */
export class Rollout {
  constructor(
    readonly thread: string,
    readonly path: string,
  ) {}

  tell(type: string, payload: object): void {
    appendFileSync(this.path, `${JSON.stringify({ timestamp: new Date().toISOString(), type, payload })}\n`);
  }

  event(type: string, more: object = {}): void {
    this.tell('event_msg', { type, ...more });
  }

  used(tokens: number): void {
    this.event('token_count', { info: { total_token_usage: { total_tokens: tokens } } });
  }
}
