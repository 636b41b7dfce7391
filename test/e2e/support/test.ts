import { test as base } from '@playwright/test';
import { TestDesktop } from '../desktop/desktop';
import { type SessionBus, startSessionBus } from '../desktop/session-bus';
import { Agent, type AgentOptions } from './agent';
import { App, Home, type LaunchOptions } from './app';

interface Fixtures {
  bus: SessionBus;
  desktop: TestDesktop;
  home: Home;
  /** Start the app; closed at the end of the test. */
  launch(options?: LaunchOptions): Promise<App>;
  /** Start a worker process whose directory is in `home.workers`; ended at the end of the test. */
  startAgent(name: string, options?: AgentOptions): Agent;
}

/** Every test has its own bus, desktop, home and processes. */
export const test = base.extend<Fixtures>({
  bus: async ({}, use) => {
    const bus = await startSessionBus();
    await use(bus);
    await bus.stop();
  },
  desktop: async ({ bus }, use) => {
    const desktop = await TestDesktop.start(bus.address);
    await use(desktop);
    desktop.stop();
  },
  home: async ({}, use) => {
    const home = new Home();
    await use(home);
    home.remove();
  },
  launch: async ({ home, desktop, bus }, use, testInfo) => {
    const apps: App[] = [];
    await use(async (options = {}) => {
      const app = await App.launch(home, desktop, bus.address, options);
      apps.push(app);
      return app;
    });
    for (const app of apps) if (!app.hasExited) await app.electron.close();
    const output = apps.map((app) => app.output.join('')).join('\n');
    if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach('output', { body: output });
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
});

export { expect } from '@playwright/test';
