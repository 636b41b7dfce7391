import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';

const project = join(import.meta.dirname, '..');
const programs = join(project, 'out', 'bench');

/** Bundle programs as the app is, so that what is measured is what people run. Names and their files. */
export async function bundle(files: Record<string, string>): Promise<void> {
  for (const [name, file] of Object.entries(files)) {
    await build({
      configFile: false,
      logLevel: 'warn',
      build: {
        ssr: join(project, file),
        outDir: programs,
        emptyOutDir: false,
        target: 'node20.18',
        rollupOptions: { output: { entryFileNames: `${name}.js` } },
      },
    });
  }
}

/** Start one that was bundled. */
export function program(name: string, args: string[] = [], environment: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [join(programs, `${name}.js`), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
}

/** The first line it prints, as JSON. */
export async function figures<T>(child: ChildProcess): Promise<T> {
  if (!child.stdout) throw new Error('a benchmark program has no output');
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as T;
  throw new Error('a benchmark program ended without figures');
}
