import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import type { Answer, Request } from '../../fixtures/programs/registry-client';

const ROOT = resolve(import.meta.dirname, '../../..');

/** A program of its own that has the registry open. */
export interface Client {
  pid: number;
  child: ChildProcess;
  ask(request: Request): Promise<Answer>;
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>;
}

/** The programs of one test file, built once from the sources of today. */
export interface Clients {
  start(folder: string): Promise<Client>;
  /** End all that still run. */
  endAll(): Promise<void>;
  remove(): void;
}

export async function buildClients(): Promise<Clients> {
  const outDir = mkdtempSync(join(ROOT, 'node_modules', '.idlewatch-test-'));
  writeFileSync(join(outDir, 'package.json'), '{"type": "module"}');
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    build: {
      ssr: join(ROOT, 'test/fixtures/programs/registry-client.ts'),
      target: 'node20.18',
      outDir,
      emptyOutDir: false,
    },
  });
  const running = new Set<Client>();
  return {
    async start(folder) {
      const child = fork(join(outDir, 'registry-client.js'), [folder], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
      await once(child, 'message');
      const client: Client = {
        pid: child.pid!,
        child,
        async ask(request) {
          const answered = once(child, 'message');
          child.send(request);
          const [answer] = (await answered) as [Answer];
          if ('error' in answer) throw new Error(answer.error);
          return answer;
        },
        async kill() {
          running.delete(client);
          if (child.exitCode !== null || child.signalCode !== null) return;
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          await ended;
        },
      };
      running.add(client);
      return client;
    },
    async endAll() {
      await Promise.all([...running].map((client) => client.kill()));
    },
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  };
}
