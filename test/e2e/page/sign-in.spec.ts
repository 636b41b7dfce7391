import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openToken } from '../../../src/host/token';
import { expect, giveToken, openWindow, test } from './support/test';

const form = (page: Page) => page.getByRole('button', { name: 'Sign in' });

test('the window opens for whoever has the token, and for nobody else', async ({ page, serve, startAgent }) => {
  startAgent('works').beat({ status: 'working' }, 300);
  const served = serve();
  await page.goto(`http://127.0.0.1:${await served.port()}/`);
  await expect(page.getByLabel('Token')).toBeFocused();
  await expect(form(page)).toBeDisabled();
  await giveToken(page, 'not-the-token');
  await expect(page.getByRole('alert')).toHaveText('This is not the token of this idlewatch.');
  await expect(page.getByText('works')).toBeHidden();
  await expect(page.getByLabel('Token')).toBeFocused();
  await giveToken(page, ` ${served.token}\n`);
  await expect(page.getByRole('row', { name: 'works' })).toContainText('busy');
});

test('the session outlives a reload, holds in every tab, and ends in all of them', async ({ page, serve, context }) => {
  const served = serve();
  await openWindow(page, served);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'No workers yet' })).toBeVisible();
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.getByRole('heading', { name: 'No workers yet' })).toBeVisible();

  await other.getByRole('button', { name: 'Settings' }).click();
  const session = (await context.cookies()).find(({ name }) => name.startsWith('idlewatch-'));
  const key = await other.evaluate(() => localStorage.getItem('idlewatch-key'));
  await other.getByRole('button', { name: 'Sign out' }).click();
  await expect(form(other)).toBeVisible();
  await expect(form(page)).toBeVisible();
  await page.reload();
  await expect(form(page)).toBeVisible();

  // Nor does it hold for who kept both halves of it.
  const headers = { cookie: `${session?.name}=${session?.value}`, 'x-idlewatch-page': key ?? '' };
  const answer = await fetch(`${page.url()}api/snapshot`, { headers });
  expect(answer.status).toBe(401);
});

test('a new token signs out who had the old one', async ({ page, serve, home }) => {
  const served = serve();
  await openWindow(page, served);
  const before = served.token;
  openToken(join(home.stateHome, 'idlewatch')).rotate();
  await expect(page.getByRole('alert')).toContainText('The session has ended');
  await giveToken(page, before);
  await expect(page.getByRole('alert')).toHaveText('This is not the token of this idlewatch.');
  expect(served.token).not.toBe(before);
  await giveToken(page, served.token);
  await expect(page.getByRole('heading', { name: 'No workers yet' })).toBeVisible();
});

test('whoever guesses is told to wait', async ({ page, serve }) => {
  const served = serve();
  await page.goto(`http://127.0.0.1:${await served.port()}/`);
  for (let guess = 0; guess < 10; guess += 1) {
    await giveToken(page, `guess-${guess}`);
    await expect(page.getByRole('alert')).toHaveText('This is not the token of this idlewatch.');
  }
  await giveToken(page, served.token);
  await expect(page.getByRole('alert')).toContainText('ask again in');
});

test('the token is nowhere but in its file', async ({ page, serve, context }) => {
  const served = serve();
  await openWindow(page, served);
  await expect(page.getByRole('heading', { name: 'No workers yet' })).toBeVisible();
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  expect(kept).not.toContain(served.token);
  expect(JSON.stringify(await context.cookies())).not.toContain(served.token);
  expect(served.output).not.toContain(served.token);
  expect(page.url()).not.toContain('token');
});
