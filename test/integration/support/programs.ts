import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'vite';

export interface Programs {
  cli: string;
  demo: string;
  /** Remove what was built. */
  remove(): void;
}

const ROOT = resolve(import.meta.dirname, '../../..');

/**
 * Build the programs that run in plain Node, afresh from the sources, into a directory of the test's own. It lies
 * inside the checkout, so that the programs find their dependencies as the real build does.
 */
export async function buildPrograms(names: ('cli' | 'demo')[]): Promise<Programs> {
  const outDir = mkdtempSync(join(ROOT, 'node_modules', '.idlewatch-test-'));
  writeFileSync(join(outDir, 'package.json'), '{"type": "module"}');
  const sources = { cli: 'src/cli/index.ts', demo: 'src/demo/worker.ts' };
  const remove = (): void => rmSync(outDir, { recursive: true, force: true });
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    build: {
      ssr: true,
      target: 'node20.18',
      outDir,
      emptyOutDir: false,
      rollupOptions: {
        input: Object.fromEntries(names.map((name) => [name, join(ROOT, sources[name])])),
        output: { format: 'es', entryFileNames: '[name]/index.js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  }).catch((error: unknown) => {
    remove();
    throw error;
  });
  return {
    cli: join(outDir, 'cli/index.js'),
    demo: join(outDir, 'demo/index.js'),
    remove,
  };
}
