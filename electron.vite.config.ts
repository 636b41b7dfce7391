import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const at = (path: string): string => resolve(import.meta.dirname, path);

/**
 * One build for all that runs in Node (the app's main process, the CLI, the library, the demo worker), so that they
 * share chunks; one CommonJS file for the sandboxed preload; two pages for the renderer.
 * Everything is built for the oldest supported runtime (Electron 33: Node 20.18, Chromium 130).
 */
export default defineConfig({
  main: {
    build: {
      target: 'node20.18',
      outDir: 'out',
      emptyOutDir: false,
      rollupOptions: {
        input: {
          main: at('src/main/index.ts'),
          cli: at('src/cli/index.ts'),
          lib: at('src/index.ts'),
          demo: at('src/demo/worker.ts'),
        },
        output: { format: 'es', entryFileNames: '[name]/index.js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      target: 'node20.18',
      outDir: 'out/preload',
      rollupOptions: {
        input: { index: at('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [react()],
    build: {
      target: 'chrome130',
      outDir: at('out/renderer'),
      // The page may come through a slow tunnel.
      minify: true,
      // The app's window, and the same as a web page.
      rollupOptions: { input: { index: at('src/renderer/index.html'), page: at('src/renderer/page.html') } },
    },
  },
});
