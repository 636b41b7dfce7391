import { existsSync } from 'node:fs';
import { type Browser, test as base, chromium, type Page } from '@playwright/test';
import { Agent, type AgentOptions } from '../../support/agent';
import { Home } from '../../support/app';
import { Serve } from './serve';
import { Tunnel } from './tunnel';

const CHROMIUMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = CHROMIUMS.find((path) => existsSync(path));
/** A name of somebody else's that leads to this machine. */
export const REBOUND_NAME = 'rebound.test';

interface Fixtures {
  home: Home;
  /** Start `idlewatch serve` in the home; ended at the end of the test. */
  serve(args?: string[], port?: number | null): Serve;
  /** Start a worker process whose directory is in `home.workers`; ended at the end of the test. */
  startAgent(name: string, options?: AgentOptions): Agent;
  tunnelTo(port: number): Promise<Tunnel>;
}

interface WorkerFixtures {
  chromiumHere: Browser;
}

/** Every test has its own home, server and browser profile; the browser itself is one. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  chromiumHere: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads in the pattern what a fixture needs
    async ({}, use) => {
      if (!executablePath) {
        console.log(`No Chromium here (${CHROMIUMS.join(', ')}): the page is not tested.`);
        base.skip(true, 'no Chromium here');
      }
      const args = [`--host-resolver-rules=MAP ${REBOUND_NAME} 127.0.0.1`];
      const browser = await chromium.launch({ ...(executablePath && { executablePath }), args });
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  context: async ({ chromiumHere, colorScheme, viewport }, use) => {
    const context = await chromiumHere.newContext({ colorScheme, viewport });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await use(context);
    await context.close();
  },
  page: async ({ context }, use) => use(await context.newPage()),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads in the pattern what a fixture needs
  home: async ({}, use) => {
    const home = new Home();
    await use(home);
    await home.remove();
  },
  serve: async ({ home }, use, testInfo) => {
    const started: Serve[] = [];
    await use((args = [], port: number | null = 0) => {
      const serve = new Serve(home, args, port);
      started.push(serve);
      return serve;
    });
    await Promise.all(started.map((serve) => serve.stop()));
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('output', { body: started.map(({ output }) => output).join('\n') });
    }
  },
  startAgent: async ({ home }, use) => {
    const agents: Agent[] = [];
    await use((name, options) => {
      const agent = new Agent(home.workers, name, options);
      agents.push(agent);
      return agent;
    });
    await Promise.all(agents.map((agent) => agent.stop()));
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads in the pattern what a fixture needs
  tunnelTo: async ({}, use) => {
    const tunnels: Tunnel[] = [];
    await use(async (port) => {
      const tunnel = await Tunnel.to(port);
      tunnels.push(tunnel);
      return tunnel;
    });
    await Promise.all(tunnels.map((tunnel) => tunnel.close()));
  },
});

/** Type the token into the form. */
export async function giveToken(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Open the window in the browser, as somebody who has the token. */
export async function openWindow(page: Page, serve: Serve): Promise<void> {
  await page.goto(`http://127.0.0.1:${await serve.port()}/`);
  await giveToken(page, serve.token);
  await page.getByRole('status').first().waitFor();
}

/** Hide the page as another tab in front of it does, or bring it back: without a screen, every page is always seen. */
export async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((isHidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

export { expect } from '@playwright/test';
