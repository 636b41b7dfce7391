// @ts-check
// `npm run screenshots`: takes the pictures of docs/images anew, of the real app watching real demo workers.
import { buildIfNeeded } from './setup/build.mjs';
import { setup } from './setup/index.mjs';
import { ROOT } from './setup/paths.mjs';
import { main } from './setup/say.mjs';
import { runPlaywright } from './testing/runners.mjs';

await main(async () => {
  await setup({ forTests: true });
  await buildIfNeeded(ROOT);
  return runPlaywright(['--config', 'test/screenshots/playwright.config.ts']);
});
