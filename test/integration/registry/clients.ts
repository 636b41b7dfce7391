import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Answer, Request } from '../../fixtures/programs/registry-client';
import { buildProgram, killProgram } from '../support/built-program';

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
  const program = await buildProgram('registry-client');
  const running = new Set<Client>();
  return {
    async start(folder) {
      const child = await program.start(folder);
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
          await killProgram(child);
        },
      };
      running.add(client);
      return client;
    },
    async endAll() {
      await Promise.all([...running].map((client) => client.kill()));
    },
    remove: program.remove,
  };
}
