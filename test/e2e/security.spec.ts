import type { Page } from '@playwright/test';
import { COMMAND_CHANNEL } from '../../src/shared/channels';
import { expect, test } from './support/test';

const urls = (page: Page) =>
  page
    .context()
    .pages()
    .map((each) => each.url());

test('the page has no Node.js, and only the bridge', async ({ launch }) => {
  const page = await (await launch()).page();
  const found = await page.evaluate(() => ({
    node: ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'].filter(
      (name) => name in window,
    ),
    bridge: Object.keys((window as unknown as { idlewatch: object }).idlewatch).sort(),
  }));
  expect(found).toEqual({ node: [], bridge: ['invoke', 'on', 'platform', 'shell'] });
});

test('the window is made as Electron’s security guide wants it', async ({ launch }) => {
  const app = await launch();
  await app.page();
  const preferences = await app.electron.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>;
    };
    return contents.getLastWebPreferences();
  });
  expect(preferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
  });
  expect(preferences.allowRunningInsecureContent ?? false).toBe(false);
  expect(preferences.webviewTag ?? false).toBe(false);
});

test('a strict content security policy comes with the page and holds', async ({ launch }) => {
  const page = await (await launch()).page();
  const violations: string[] = [];
  page.on('console', (message) => {
    if (/content security policy|trusted/i.test(message.text())) violations.push(message.text());
  });
  const response = await page.reload();
  const policy = response?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
  expect(violations).toEqual([]);

  const blocked = await page.evaluate(() => {
    const image = new Image();
    image.src = 'https://example.invalid/x.png';
    return new Promise((done) => {
      document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective), { once: true });
    });
  });
  expect(blocked).toBe('img-src');
  const script = page.evaluate(() => {
    document.createElement('script').src = 'https://example.invalid/x.js';
  });
  await expect(script).rejects.toThrow(/TrustedScriptURL/);
  const textAsCode = page.evaluate(() => setTimeout('document.title = "evaluated"' as unknown as () => void, 0));
  await expect(textAsCode).rejects.toThrow(/TrustedScript/);
});

test('navigation, new windows and frames of others are refused', async ({ launch, home }) => {
  const app = await launch();
  const page = await app.page();
  const before = page.url();
  expect(before).toBe('app://idlewatch/index.html');
  await page.evaluate((elsewhere) => {
    window.open('https://example.invalid/');
    window.open('app://idlewatch/index.html');
    const link = document.createElement('a');
    link.href = elsewhere;
    document.body.append(link);
    link.click();
    window.location.href = 'https://example.invalid/';
  }, `file://${home.path}/`);
  // A command's answer comes after the navigation would have begun.
  await page.evaluate(() =>
    (window as unknown as { idlewatch: { invoke(name: string): unknown } }).idlewatch.invoke('settings.get'),
  );
  expect(urls(page)).toEqual([before]);
  expect(await app.windowCount()).toBe(1);
  expect(await page.evaluate(() => Notification.requestPermission())).toBe('denied');
});

test('nothing outside the page’s folder is served', async ({ launch }) => {
  const app = await launch();
  await app.page();
  const statuses = await app.electron.evaluate(({ net }) => {
    const paths = ['index.html', '../main/index.js', '%2e%2e/main/index.js', '..%2fmain%2findex.js', 'nothing', '%zz'];
    return Promise.all(paths.map((path) => net.fetch(`app://idlewatch/${path}`).then((response) => response.status)));
  });
  expect(statuses).toEqual([200, 404, 404, 404, 404, 404]);
});

test('wrong commands and arguments are refused in words', async ({ launch }) => {
  const page = await (await launch()).page();
  const ask = (...message: unknown[]) =>
    page.evaluate(async (args) => {
      const { idlewatch } = window as unknown as { idlewatch: { invoke(...args: unknown[]): Promise<unknown> } };
      return idlewatch.invoke(...args).then(
        () => 'answered',
        (error: Error) => error.message,
      );
    }, message);
  expect(await ask('settings.get')).toBe('answered');
  expect(await ask('nothing.like.it')).toBe('there is no command "nothing.like.it"');
  expect(await ask('constructor')).toBe('there is no command "constructor"');
  expect(await ask({})).toBe('there is no command {}');
  expect(await ask('kill.plan')).toContain('wrong arguments for kill.plan');
  expect(await ask('kill.plan', 17)).toContain('wrong arguments for kill.plan');
  expect(await ask('kill.plan', 'a', 'b')).toContain('wrong arguments for kill.plan');
  expect(await ask('kill.execute', 'plan', { acceptShared: true, pid: 1 })).toContain(
    'wrong arguments for kill.execute',
  );
  expect(await ask('view.focus', { visible: 'all', selected: null })).toContain('wrong arguments for view.focus');
});

test('another window, even with our preload, is not answered', async ({ launch }) => {
  const app = await launch();
  await app.page();
  const answer = await app.electron.evaluate(async ({ app: electronApp, BrowserWindow }) => {
    const preload = `${electronApp.getAppPath()}/out/preload/index.cjs`;
    const stranger = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
    await stranger.loadURL('app://idlewatch/index.html');
    return stranger.webContents.executeJavaScript(
      "idlewatch.invoke('snapshot.get').then(() => 'answered', (error) => error.message)",
    );
  });
  expect(answer).toBe('only idlewatch’s own window may ask this');
});

test('a frame inside our window is not answered', async ({ launch }) => {
  const app = await launch();
  await app.page();
  const answer = await app.electron.evaluate(({ ipcMain }, channel) => {
    // Electron keeps the handler to itself; a message from a frame that is not the main one is what it would get.
    const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, (...args: unknown[]) => Promise<unknown>> })
      ._invokeHandlers;
    return handlers.get(channel)?.({ senderFrame: null }, 'snapshot.get');
  }, COMMAND_CHANNEL);
  expect(answer).toEqual({ ok: false, message: 'only idlewatch’s own window may ask this' });
});
