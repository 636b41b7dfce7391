import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ElectronApplication, _electron as electron, expect, type Page } from '@playwright/test';
import { resolveElectron } from '../../../scripts/setup/electron-runtime.mjs';
import { electronArgs } from '../../../scripts/setup/launch.mjs';
import { createProcessTable } from '../../../src/host/process-table';
import type { TestDesktop } from '../desktop/desktop';
import type { TrayItem } from '../desktop/tray-item';

export const ROOT = resolve(import.meta.dirname, '../../..');

/** A home of the test's own: settings, state and directories of nobody else. */
export class Home {
  readonly path = mkdtempSync(join(tmpdir(), 'idlewatch-e2e-'));
  readonly userData = join(this.path, 'user-data');
  readonly stateHome = join(this.path, 'state');
  /** Where the test puts its worker directories. */
  readonly workers = join(this.path, 'run', 'workers');

  environment(busAddress: string): Record<string, string> {
    const { ELECTRON_RUN_AS_NODE: _, XDG_CURRENT_DESKTOP: __, WAYLAND_DISPLAY: ___, ...inherited } = process.env;
    return {
      ...(inherited as Record<string, string>),
      HOME: this.path,
      XDG_CONFIG_HOME: join(this.path, 'config'),
      XDG_STATE_HOME: this.stateHome,
      XDG_SESSION_TYPE: 'x11',
      DBUS_SESSION_BUS_ADDRESS: busAddress,
    };
  }

  async remove(): Promise<void> {
    // The app's helper processes outlive it by a moment, and write until they end.
    await expect.poll(() => this.#helpers(), { message: 'helper processes of the app', timeout: 30_000 }).toEqual([]);
    rmSync(this.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  /** Pids of those that have this user data folder. */
  #helpers(): number[] {
    const table = createProcessTable();
    const listed = table.list();
    const pids = listed.ok ? listed.processes.map(({ pid }) => pid) : [];
    // Chromium's helpers show their arguments as one.
    return pids.filter((pid) => table.commandLine(pid)?.includes(this.userData));
  }
}

/** Thresholds short enough to be waited for, and no machine's memory to hold the idle state up. */
export const QUICK = [
  ['--heartbeat-missing-secs', '2'],
  ['--heartbeat-stale-secs', '60'],
  ['--startup-grace-ms', '1000'],
  // A machine so busy that the app stands still for a while must not hold its verdicts for longer than a test waits.
  ['--wake-grace-ms', '2000'],
  ['--min-idle-timeout-ms', '100'],
  ['--initial-idle-timeout-ms', '500'],
  ['--idle-check-interval-ms', '100'],
  ['--memory-pressure-percent', '100'],
  ['--overload-load-per-core', '1000'],
  ['--kill-grace-ms', '500'],
].flat();

/** The arguments of the app in a home: Electron's own before the folder, ours behind it. */
export function launchArgs(home: Home, args: string[]): string[] {
  const own = electronArgs({ app: ROOT, args, isRoot: process.getuid?.() === 0 });
  return [`--user-data-dir=${home.userData}`, ...own];
}

export interface LaunchOptions {
  args?: string[];
  /** Start in the tray, without a window. */
  hidden?: boolean;
  env?: Record<string, string>;
  colorScheme?: 'dark' | 'light';
}

/** The real app, running. */
export class App {
  readonly electron: ElectronApplication;
  readonly output: string[] = [];
  readonly #desktop: TestDesktop;
  #hasClosed = false;

  private constructor(application: ElectronApplication, desktop: TestDesktop) {
    this.electron = application;
    this.#desktop = desktop;
    application.on('close', () => {
      this.#hasClosed = true;
    });
    for (const stream of [application.process().stdout, application.process().stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.output.push(text));
    }
  }

  static async launch(home: Home, desktop: TestDesktop, busAddress: string, options: LaunchOptions): Promise<App> {
    // Playwright now and then never gets hold of a window that is being made while it connects: so none is.
    const application = await electron.launch({
      executablePath: resolveElectron().path,
      args: launchArgs(home, ['--hidden', ...(options.args ?? [])]),
      env: { ...home.environment(busAddress), ...options.env },
      colorScheme: options.colorScheme ?? 'light',
    });
    if (!options.hidden) await patiently(() => application.evaluate(({ app }) => app.emit('activate')));
    return new App(application, desktop);
  }

  /** The window, once its page shows the first picture. */
  async page(): Promise<Page> {
    const page = await this.electron.firstWindow();
    await page.getByRole('status').first().waitFor({ timeout: 15_000 });
    return page;
  }

  async tray(): Promise<TrayItem> {
    await expect.poll(() => this.#desktop.trayItemCount, { message: 'an item in the tray' }).toBe(1);
    const item = this.#desktop.trayItem();
    if (!item) throw new Error('the tray item went away');
    return item;
  }

  /** Whether the person can see the window. */
  isWindowVisible(): Promise<boolean> {
    return patiently(() =>
      this.electron.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().some((window) => window.isVisible() && !window.isMinimized()),
      ),
    );
  }

  windowCount(): Promise<number> {
    return patiently(() => this.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length));
  }

  /** The person closes the window. */
  async closeWindow(): Promise<void> {
    await this.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  }

  /** Ends the app, unless it has ended by itself. */
  async close(): Promise<void> {
    if (this.#hasClosed) return;
    await this.electron.close();
  }
}

/** Now and then Electron's debugger loses an answer to its garbage collector: the question is asked again. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = 3; ; left -= 1) {
    try {
      return await ask();
    } catch (error) {
      if (left === 0 || !String(error).includes('garbage collected')) throw error;
    }
  }
}
