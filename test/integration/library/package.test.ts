import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InstalledPackage, installPackage } from '../support/installed-package';
import { type RealProcesses, realProcesses } from '../support/real-processes';
import { type StandIn, startStandIn } from '../support/stand-in';

const ROOT = resolve(import.meta.dirname, '../../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const PATIENCE_MS = 300_000;
/** What a library that starts something would have under way, as Node.js calls it. */
const STARTED = /Timeout|TCP|FSEvent|StatWatcher|Process|Worker|Message|Signal/;

let app: InstalledPackage;
let processes: RealProcesses;
let model: StandIn;

beforeAll(async () => {
  processes = realProcesses();
  model = await startStandIn(processes);
  app = await installPackage(['openai']);
}, PATIENCE_MS);

afterAll(async () => {
  await processes.endAll();
  app?.remove();
});

describe('the installed package', () => {
  test('holds what is run and nothing of the workshop', () => {
    for (const name of ['out/lib/index.js', 'out/lib/types/index.d.ts', 'out/main/index.js', 'out/cli/index.js'])
      expect(app.files).toContain(name);
    expect(app.files.filter((name) => /^(src|test|scripts|docs|node_modules)\/|stamp/.test(name))).toEqual([]);
  });

  test('is imported by a plain program, which it neither keeps alive nor sets in motion', async () => {
    app.write(
      'plain.mjs',
      `import * as idlewatch from 'idlewatch';
       console.log(JSON.stringify({ names: Object.keys(idlewatch).sort(), busy: process.getActiveResourcesInfo() }));
       const manager = idlewatch.createIdleManager();
       idlewatch.createIdleStateService({ manager }).startMonitoring(); // Its timer alone keeps nothing alive.`,
    );
    const told = JSON.parse(await app.node(['plain.mjs']));
    expect(told.names).toEqual(['createIdleManager', 'createIdleStateService']);
    expect(told.busy.filter((name: string) => STARTED.test(name))).toEqual([]);
  });

  test('is required where Node.js loads ES modules so', async () => {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    if (major === 20 && minor < 19) return;
    const script = `console.log(require('idlewatch').createIdleManager().isIdle(), require('idlewatch/package.json').name)`;
    expect(await app.node(['-e', script])).toBe('false idlewatch\n');
  });

  test('loads nothing of the app: no Electron, no database', async () => {
    app.write(
      'hooks.mjs',
      `export async function resolve(name, context, next) {
      const found = await next(name, context);
      console.log(found.url);
      return found;
    }`,
    );
    app.write(
      'trace.mjs',
      `import { register } from 'node:module';
      register('./hooks.mjs', import.meta.url);
      await import('idlewatch');`,
    );
    const loaded = await app.node(['trace.mjs']);
    expect(loaded).toContain('lru-cache');
    expect(loaded).not.toMatch(
      /electron|sqlite|fastify|systeminformation|openai|node-pty|node:(net|http|child_process)/,
    );
  });
});

describe('its types', () => {
  const check = (file: string, resolution: string, ...more: string[]) =>
    app.node([
      TSC, '--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022',
      '--module', resolution === 'bundler' ? 'esnext' : 'nodenext', '--moduleResolution', resolution,
      '--types', '', ...more, file,
    ]); // biome-ignore format: one option a line says less

  test.each(['nodenext', 'bundler'])('need nothing else, resolved as %s does', async (resolution) => {
    app.write(
      'strict.mts',
      `import { createIdleManager, createIdleStateService, type IdleManagerStats } from 'idlewatch';
       const manager = createIdleManager({ OPENAI_CACHE_TTL_MS: 1_000 });
       const stats: IdleManagerStats = manager.getStats();
       const held: number = stats.memo.heldBytes;
       const state: 'idle' | 'running' | null = createIdleStateService({ manager }).getSnapshot().state;
       const wrapped: { responses: { create(body: string): Promise<number> } } = manager.wrapOpenAI({
         responses: { create: async (body: string) => body.length },
       });
       // @ts-expect-error: no such option
       createIdleManager({ idleTimeout: 1 });
       // @ts-expect-error: no client
       manager.wrapOpenAI({ responses: 1 });
       export { held, state, wrapped };`,
    );
    await check('strict.mts', resolution, '--lib', 'es2022', '--skipLibCheck', 'false');
  });

  test('keep those of a wrapped client', async () => {
    const [example] = examples('ts');
    app.write(
      'example.mts',
      `${example}
       const answer: string = (await openai.responses.create({ model: 'm', input: 'i' })).output_text;
       // @ts-expect-error: what the client does not take, the wrapped one does not
       void openai.responses.create({ model: 1 });
       export { answer };`,
    );
    await check('example.mts', 'nodenext', '--lib', 'es2022,dom,dom.iterable', '--skipLibCheck');
  });
});

describe('docs/library.md', () => {
  test.each(examples('js').map((code, at) => ({ code, number: at + 1 })))(
    'example $number runs as written',
    async ({ code, number }) => {
      app.write(`example-${number}.mjs`, code);
      const before = (await model.requests()).length;
      const said = await app.node([`example-${number}.mjs`], { OPENAI_API_KEY: 'key', OPENAI_BASE_URL: model.url });
      const made = (await model.requests()).length - before;
      expect({ said: said.trimEnd().split('\n'), made }).toEqual(EXPECTED[number - 1]);
    },
  );

  test('has the examples that are expected', () => {
    expect(examples('js')).toHaveLength(EXPECTED.length);
    expect(examples('ts')).toHaveLength(1);
  });
});

/** What each example says, and how many requests it makes. */
const EXPECTED = [
  { said: ['false', expect.stringMatching(/^traffic .* ago; idle after 20 s without$/)], made: 0 },
  { said: ['running'], made: 0 },
  { said: ['3 Done.', '1'], made: 1 },
  { said: expect.arrayContaining(['one Done.', 'two Done.']), made: 1 },
  { said: ['true 200'], made: 2 },
];

function examples(language: string): string[] {
  const text = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code = '']) => code);
}
