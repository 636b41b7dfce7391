import { hueOf, shapeOf } from './desktop/picture';
import { expect, test } from './support/test';

test('first try', async ({ launch, desktop, home }) => {
  const app = await launch({ args: ['--worker-dir', home.workers] });
  const tray = await app.tray();
  console.log(shapeOf(await tray.picture()), hueOf(await tray.picture()), await tray.tooltip());
  console.log(JSON.stringify(await tray.menu(), null, 1));
  const page = await app.electron.firstWindow();
  page.on('console', (m) => console.log('console', m.text()));
  await page.reload();
  await expect.poll(() => desktop.notifications.length).toBe(1);
  console.log(desktop.notifications);
  await page.screenshot({ path: '/tmp/shot.png' });
  console.log(app.output.join(''));
  await app.closeWindow();
  console.log(await app.isWindowVisible());
  await tray.click();
  await expect.poll(() => app.isWindowVisible()).toBe(true);
  await tray.choose('Quit');
  await expect.poll(() => app.hasExited).toBe(true);
});
