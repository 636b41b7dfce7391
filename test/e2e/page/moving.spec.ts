import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { Home } from '../support/app';
import { expect, giveToken, openWindow, test } from './support/test';

/** Any port that is free; a setting, and so to be changed from the page. */
function putPort(home: Home): void {
  const folder = join(home.path, 'config', 'idlewatch');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'settings.json'), '{"apiPort": 0}');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('who changes the port from the page is taken to the new one, and signs in there', async ({
  page,
  serve,
  home,
}) => {
  putPort(home);
  const served = serve([], null);
  await openWindow(page, served);
  const port = await freePort();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('textbox', { name: 'Port of the API' }).fill(String(port));
  await page.getByRole('button', { name: 'Save 1 change' }).click();
  await expect(page.getByRole('alert')).toContainText('The port of idlewatch was changed');
  expect(page.url()).toBe(`http://127.0.0.1:${port}/`);
  await expect(page.getByLabel('Token')).not.toHaveAttribute('aria-invalid');
  await giveToken(page, served.token);
  await expect(page.getByRole('heading', { name: 'No workers yet' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'No workers yet' })).toBeVisible();
});

test('a page at a tunnel stays, and says where that has to lead', async ({ page, serve, home, tunnelTo }) => {
  putPort(home);
  const served = serve([], null);
  const tunnel = await tunnelTo(await served.port());
  const address = `http://127.0.0.1:${tunnel.port}/`;
  await page.goto(address);
  await giveToken(page, served.token);
  await expect(page.getByRole('heading', { name: 'No workers yet' })).toBeVisible();
  const port = await freePort();
  const headers = { 'content-type': 'application/json' };
  await served.ask('/api/desk/settings.set', { method: 'POST', headers, body: JSON.stringify([{ apiPort: port }]) });
  await expect(page.getByText(`idlewatch is at port ${port} of its machine now`)).toBeVisible();
  expect(page.url()).toBe(address);
});
