import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const ROOT = resolve(import.meta.dirname, '../../..');

/** A program of test/fixtures/programs, built once from the sources of today. */
export interface BuiltProgram {
  /** Resolves once it has sent its first message. */
  start(...args: string[]): Promise<ChildProcess>;
  remove(): void;
}

export async function buildProgram(name: string): Promise<BuiltProgram> {
  const outDir = mkdtempSync(join(ROOT, 'node_modules', '.idlewatch-test-'));
  writeFileSync(join(outDir, 'package.json'), '{"type": "module"}');
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    build: {
      ssr: join(ROOT, `test/fixtures/programs/${name}.ts`),
      target: 'node20.18',
      outDir,
      emptyOutDir: false,
    },
  });
  return {
    async start(...args) {
      const child = fork(join(outDir, `${name}.js`), args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
      await once(child, 'message');
      return child;
    },
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  };
}

/** SIGKILL, and wait until it is gone. */
export async function killProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
