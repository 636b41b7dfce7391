import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { cacheDir } from '../../scripts/setup/paths.mjs';
import { type Home, ROOT } from './support/app';
import { test as base, expect } from './support/test';

interface Fixtures {
  /** `npm start` as a person runs it, in their home folder; ended at the end of the test. */
  start(args: string[]): ChildProcess;
}

const test = base.extend<Fixtures>({
  start: async ({ home, bus }, use) => {
    const scripts: ChildProcess[] = [];
    await use((args) => {
      const own = [`--user-data-dir=${home.userData}`, '--remote-debugging-port=0'];
      const script = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs'), ...args, ...own], {
        env: { ...home.environment(bus.address), INIT_CWD: home.path, XDG_CACHE_HOME: dirname(cacheDir()) },
        stdio: 'ignore',
      });
      scripts.push(script);
      return script;
    });
    for (const script of scripts) if (script.kill('SIGTERM')) await once(script, 'exit');
  },
});

/** The window's page, reached as a browser would. */
async function pageOf(home: Home): Promise<Page> {
  const portFile = join(home.userData, 'DevToolsActivePort');
  await expect.poll(() => existsSync(portFile), { message: 'the app runs', timeout: 30_000 }).toBe(true);
  const [port] = readFileSync(portFile, 'utf8').split('\n');
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const [context] = browser.contexts();
  if (!context) throw new Error('the app has no window');
  return context.pages()[0] ?? context.waitForEvent('page');
}

/** The pid of the app that holds this home's lock. */
function appPid(home: Home): number {
  return Number(/\d+$/.exec(readlinkSync(join(home.userData, 'SingletonLock')))?.[0]);
}

test('npm start watches the directory it is given, and SIGTERM ends it with the app', async ({
  home,
  start,
  startAgent,
}) => {
  startAgent('worker-1');
  const script = start(['--worker-dir', 'run/workers']);
  const page = await pageOf(home);
  await expect(page.getByRole('table', { name: 'Workers' }).getByText('worker-1')).toBeVisible();
  const pid = appPid(home);
  script.kill('SIGTERM');
  const [code] = await once(script, 'exit');
  expect(code).toBe(0);
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});

test('npm start ends with the exit code of the app', async ({ start }) => {
  const [code] = await once(start(['--wrong-option']), 'exit');
  expect(code).toBe(1);
});
