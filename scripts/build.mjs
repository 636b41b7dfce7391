// @ts-check
// `npm run build`: builds the app and the command line into out/. Needs no Electron.
import { build } from './setup/build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { requireNode } from './setup/node-version.mjs';
import { ROOT } from './setup/paths.mjs';
import { main } from './setup/say.mjs';

await main(async () => {
  requireNode(ROOT);
  await ensureDependencies(ROOT);
  await build(ROOT);
  return 0;
});
