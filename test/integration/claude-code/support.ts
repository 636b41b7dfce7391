import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { projectFolder } from '../../../src/engine/sources/claude-code/parse';
import { createProcessTable } from '../../../src/host/process-table';
import { type RealProcesses, type Running, realProcesses } from '../support/real-processes';

/** A configuration directory of one test's own, and processes that play Claude Code's part in it. */
export interface ClaudeScene {
  config: string;
  /** Where the sessions work. */
  work: string;
  processes: RealProcesses;
  /** Start a session; it is idle. */
  start(sessionId: string): Promise<PlayedSession>;
  /** Write a record as some process left it. */
  leave(pid: number, record: object, writtenAt?: number): string;
  /** Write a transcript; returns its path. */
  transcript(sessionId: string, lines: object[], writtenAt?: number): string;
  /** What a living process of this machine would write of itself. */
  recordOf(pid: number, over?: object): object;
}

export interface PlayedSession extends Running {
  tell(command: Record<string, unknown>): void;
}

/** The scene of the test that runs; made anew for each. */
export function claudeScene(): () => ClaudeScene {
  let scene: ClaudeScene;
  beforeEach(() => {
    scene = makeScene();
  });
  afterEach(async () => {
    await scene.processes.endAll();
    rmSync(dirname(scene.config), { recursive: true, force: true });
  });
  return () => scene;
}

function makeScene(): ClaudeScene {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-claude-')));
  const config = join(base, 'claude');
  const work = join(base, 'my.project');
  mkdirSync(join(config, 'sessions'), { recursive: true });
  mkdirSync(work);
  const processes = realProcesses();
  const put = (path: string, text: string, writtenAt?: number): string => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    if (writtenAt !== undefined) utimesSync(path, writtenAt / 1000, writtenAt / 1000);
    return path;
  };
  return {
    config,
    work,
    processes,
    async start(sessionId) {
      const running = await processes.start('plays-claude-code.mjs', [config, sessionId, work], {
        stdio: ['pipe', 'pipe', 'inherit'],
        cwd: work,
      });
      return { ...running, tell: (command) => running.child.stdin?.write(`${JSON.stringify(command)}\n`) };
    },
    leave: (pid, record, writtenAt) => put(join(config, 'sessions', `${pid}.json`), JSON.stringify(record), writtenAt),
    transcript(sessionId, lines, writtenAt) {
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      return put(join(config, 'projects', projectFolder(work), `${sessionId}.jsonl`), text, writtenAt);
    },
    recordOf(pid, over = {}) {
      const look = createProcessTable().inspect(pid);
      if (look.liveness !== 'alive') throw new Error(`there is no process ${pid}`);
      const now = Date.now();
      return {
        ...{ pid, sessionId: `s-${pid}`, cwd: work, startedAt: look.fact.startedAt, procStart: look.fact.startTime },
        ...{ kind: 'interactive', entrypoint: 'cli', status: 'idle', statusUpdatedAt: now, updatedAt: now },
        ...over,
      };
    },
  };
}

/** A line of a model's answer, as a transcript has it. */
export function answer(id: string, output: number, over: Record<string, unknown> = {}): object {
  const usage = {
    ...{ input_tokens: 10, output_tokens: output },
    ...{ cache_creation_input_tokens: 100, cache_read_input_tokens: 1_000, service_tier: 'standard' },
  };
  const message = { id, type: 'message', role: 'assistant', model: 'claude-x', content: [], stop_reason: null, usage };
  return { type: 'assistant', requestId: `req_${id}`, uuid: `${id}-${output}`, isSidechain: false, message, ...over };
}

/** Something else that is written, as long as it is wanted. */
export function prompt(text: string): object {
  return { type: 'user', message: { role: 'user', content: text } };
}

export function grow(path: string, line: object, writtenAt: number): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`);
  utimesSync(path, writtenAt / 1000, writtenAt / 1000);
}
