import { existsSync } from 'node:fs';
import { test as base, expect } from './support/test';
import { Workbenches } from './support/workbenches';

const test = base.extend<{ workbenches: Workbenches }>({
  workbenches: async ({ home }, use) => {
    const workbenches = new Workbenches(home);
    await use(workbenches);
    workbenches.stop();
  },
});

test('a finished workbench is removed through the dialog; a young and a running one stay', async ({
  launch,
  workbenches,
}) => {
  const finished = workbenches.finished('audit');
  const young = workbenches.finished('release-notes', 600);
  const running = workbenches.running('triage');
  const app = await launch({ args: ['--workbench-dir', workbenches.directory], env: workbenches.environment });
  const page = await app.page();
  await expect(page.getByRole('row', { name: /triage/ })).toBeVisible();

  await page.getByRole('button', { name: 'Clean up…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Clean up' });
  const remove = dialog.getByRole('button', { name: /^Remove 1 directory \(\d+ \w+\)$/ });
  await expect(remove).toBeVisible();
  await expect(dialog.getByRole('table')).toContainText('audit');
  await expect(dialog.getByRole('table')).not.toContainText('triage');
  await dialog.getByText('1 directory stays').click();
  await expect(dialog.getByRole('listitem')).toContainText(/release-notes.*finished 10 min.* ago, kept for 1 h/);
  expect(existsSync(finished)).toBe(true);

  await remove.click();
  await expect(page.getByRole('dialog', { name: 'Cleaned up' })).toBeVisible();
  expect([finished, young, running.path].map(existsSync)).toEqual([false, true, true]);
  expect(workbenches.sessions()).toEqual([running.session]);
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await expect(page.getByRole('row', { name: /audit/ })).toBeHidden();
  await expect(page.getByRole('row', { name: /triage/ })).toBeVisible();

  await page.getByRole('button', { name: 'Clean up…' }).click();
  await expect(dialog.getByText('Nothing is left over')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('Clean up… in the tray shows what could go, and removes nothing by itself', async ({ launch, workbenches }) => {
  const finished = workbenches.finished('audit');
  const app = await launch({
    hidden: true,
    args: ['--workbench-dir', workbenches.directory],
    env: workbenches.environment,
  });
  const tray = await app.tray();
  await expect.poll(async () => (await tray.menu()).map(({ label }) => label)).toContain('Clean up…');
  await tray.choose('Clean up…');
  const page = await app.page();
  const dialog = page.getByRole('dialog', { name: 'Clean up' });
  await expect(dialog.getByRole('button', { name: /^Remove 1 directory/ })).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  expect(existsSync(finished)).toBe(true);
});
