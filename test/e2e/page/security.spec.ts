import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test as base, expect, openWindow, REBOUND_NAME } from './support/test';

interface Stranger {
  port: number;
  /** The headers of every request for its page. */
  seen: IncomingHttpHeaders[];
}

/** Another program of this machine that serves a page on a port of its own. */
const test = base.extend<{ stranger: Stranger }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads in the pattern what a fixture needs
  stranger: async ({}, use) => {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer(({ headers }, answer) => {
      seen.push(headers);
      answer.writeHead(200, { 'content-type': 'text/html' }).end('<title>stranger</title>');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await use({ port: (server.address() as AddressInfo).port, seen });
    server.closeAllConnections();
    server.close();
  },
});

test('a strict content security policy comes with the page and holds', async ({ page, serve }) => {
  const violations: string[] = [];
  page.on('console', (message) => {
    if (/content security policy|trusted/i.test(message.text())) violations.push(message.text());
  });
  page.on('pageerror', (error) => violations.push(error.message));
  await openWindow(page, serve());
  const response = await page.reload();
  const policy = response?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
  expect(response?.headers()).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
  expect(violations).toEqual([]);

  const blocked = (what: 'image' | 'fetch') =>
    page.evaluate((kind) => {
      const heard = new Promise((done) => {
        document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective), { once: true });
      });
      if (kind === 'image') new Image().src = 'https://example.invalid/x.png';
      else void fetch('https://example.invalid/').catch(() => {});
      return heard;
    }, what);
  expect(await blocked('image')).toBe('img-src');
  expect(await blocked('fetch')).toBe('connect-src');
  const textAsCode = page.evaluate(() => setTimeout('document.title = "evaluated"' as unknown as () => void, 0));
  await expect(textAsCode).rejects.toThrow(/TrustedScript/);
});

test('only the page’s own files are served, and none of the API without a session', async ({ page, serve }) => {
  const served = serve();
  const port = await served.port();
  const statusOf = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  await page.goto(`http://127.0.0.1:${port}/`);
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  const outside = [
    '/index.html',
    '/assets/',
    '/assets/..%2fpage.html',
    '/assets/%2e%2e/%2e%2e/cli/index.js',
    '/assets/%zz',
  ];
  for (const path of outside) expect([404, 400, 403], path).toContain(await statusOf(path));
  for (const path of ['/api/snapshot', '/api/desk/stream', '/metrics']) expect(await statusOf(path), path).toBe(401);
});

test('a page of another program on this machine can ask nothing and is given no key', async ({
  page,
  serve,
  context,
  stranger,
}) => {
  const served = serve();
  await openWindow(page, served);
  await expect(page.getByRole('heading', { name: 'No workers yet' })).toBeVisible();
  const port = await served.port();
  const foreign = await context.newPage();
  await foreign.goto(`http://127.0.0.1:${stranger.port}/`);
  const answers = await foreign.evaluate(async (at) => {
    const tried = (path: string, init: RequestInit) =>
      fetch(`http://127.0.0.1:${at}${path}`, { credentials: 'include', ...init }).then(
        (answer) => `${answer.type} ${answer.status}`,
        (error: Error) => error.name,
      );
    const pause = { method: 'POST', body: '[true]' };
    return [
      await tried('/api/snapshot', {}),
      await tried('/api/snapshot', { mode: 'no-cors' }),
      await tried('/api/desk/watch.pause', { ...pause, mode: 'no-cors' }),
      await tried('/api/desk/watch.pause', { ...pause, headers: { 'content-type': 'application/json' } }),
    ];
  }, port);
  for (const answer of answers) expect(['TypeError', 'opaque 0']).toContain(answer);
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();

  // The browser hands it our cookie, as it does to every port of a name; that alone opens nothing.
  const { cookie } = stranger.seen[0] ?? {};
  expect(cookie).toContain('idlewatch-');
  const answer = await fetch(`http://127.0.0.1:${port}/api/snapshot`, { headers: { cookie: cookie ?? '' } });
  expect(answer.status).toBe(401);

  const framed = await foreign.evaluate(async (at) => {
    const frame = document.createElement('iframe');
    frame.src = `http://127.0.0.1:${at}/`;
    const loaded = new Promise((done) => frame.addEventListener('load', done));
    document.body.append(frame);
    await loaded;
    return frame.contentDocument === null;
  }, port);
  expect(framed).toBe(true);
  expect(foreign.frames().at(-1)?.url()).toContain('chrome-error:');
});

test('a name that was made to lead here is refused', async ({ page, serve }) => {
  const served = serve();
  const answer = await page.goto(`http://${REBOUND_NAME}:${await served.port()}/`);
  expect(answer?.status()).toBe(403);
  expect(await answer?.text()).toContain('allowed are 127.0.0.1, localhost, [::1]');
});

for (const host of ['127.0.0.1', 'localhost']) {
  test(`the window opens through a tunnel at ${host}, where it also acts`, async ({ page, serve, tunnelTo }) => {
    const served = serve();
    const tunnel = await tunnelTo(await served.port());
    await page.goto(`http://${host}:${tunnel.port}/`);
    await page.getByLabel('Token').fill(served.token);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'No workers yet' })).toBeVisible();
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect(page.getByText('Watching is paused')).toBeVisible();
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect(page.getByText('Watching is paused')).toBeHidden();

    await tunnel.close();
    await expect(page.getByRole('alert')).toContainText('The connection is lost');
  });
}
