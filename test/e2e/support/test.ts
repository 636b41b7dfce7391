import { join } from 'node:path';
import { test as base } from '@playwright/test';
import { type Demo, startDemo } from '../../../src/host/demo-scene';
import { TestDesktop } from '../desktop/desktop';
import { type SessionBus, startSessionBus } from '../desktop/session-bus';
import { Agent, type AgentOptions } from './agent';
import { App, Home, type LaunchOptions, ROOT } from './app';
import { PlainStart } from './processes';

interface Fixtures {
  home: Home;
  bus: SessionBus;
  desktop: TestDesktop;
  /** Start the app; closed at the end of the test. */
  launch(options?: LaunchOptions): Promise<App>;
  /** Start the app as a person does; ended at the end of the test. */
  startPlainly(...args: string[]): PlainStart;
  /** Start a worker process whose directory is in `home.workers`; ended at the end of the test. */
  startAgent(name: string, options?: AgentOptions): Agent;
  /** The demo workers, ten times as fast as life. */
  demo: Demo;
}

/** Every test has its own bus, desktop, home and processes. */
export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads in the pattern what a fixture needs
  home: async ({}, use) => {
    const home = new Home();
    await use(home);
    await home.remove();
  },
  bus: async ({ home }, use) => {
    const bus = await startSessionBus(home.path);
    await use(bus);
    await bus.stop();
  },
  desktop: async ({ bus }, use) => {
    const desktop = await TestDesktop.start(bus.address);
    await use(desktop);
    desktop.stop();
  },
  launch: async ({ home, desktop, bus }, use, testInfo) => {
    const apps: App[] = [];
    await use(async (options = {}) => {
      const app = await App.launch(home, desktop, bus.address, options);
      apps.push(app);
      return app;
    });
    for (const app of apps) await app.close();
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('output', { body: apps.map((app) => app.output.join('')).join('\n') });
    }
  },
  startPlainly: async ({ home, desktop: _, bus }, use) => {
    const started: PlainStart[] = [];
    await use((...args) => {
      const start = new PlainStart(home, bus.address, args);
      started.push(start);
      return start;
    });
    await Promise.all(started.map((start) => start.stop()));
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
  demo: async ({ home }, use) => {
    const scriptPath = join(ROOT, 'out', 'demo', 'index.js');
    const demo = await startDemo({ execPath: process.execPath, scriptPath, directory: home.path, speed: 10 });
    await use(demo);
    await demo.stop();
  },
});

export { expect } from '@playwright/test';
