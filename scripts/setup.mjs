// @ts-check
// `npm run setup [-- --tests]`: sets up what `npm start` needs, or with --tests what `npm test` needs.
import { setup } from './setup/index.mjs';
import { main, say } from './setup/say.mjs';

await main(async () => {
  const electron = await setup({ forTests: process.argv.includes('--tests') });
  say(`ready, with Electron ${electron.version}`);
  return 0;
});
