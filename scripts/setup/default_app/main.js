// What `electron PATH [args]` does in Electron's own builds: run the app at PATH. Packed into the fallback runtime,
// which comes without it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

/** The app's folder: the first argument that is not a switch. */
function appFolder() {
  return process.argv.slice(1).find((argument) => !argument.startsWith('-'));
}

/**
 * Takes over the app's name and version.
 * @param {string} folder
 * @returns {string} path of the app's main script
 */
function adopt(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  app.setName(manifest.productName ?? manifest.name);
  app.setVersion(manifest.version);
  app.setAppPath(folder);
  if (manifest.desktopName) app.setDesktopName(manifest.desktopName);
  return createRequire(join(folder, 'package.json')).resolve(join(folder, manifest.main ?? 'index.js'));
}

/**
 * Electron holds its `ready` back until this has ended, so the app can still do what must come before it.
 * @param {string} folder
 */
async function start(folder) {
  try {
    await import(pathToFileURL(adopt(resolve(folder))).href);
  } catch (error) {
    console.error(`The app at ${folder} failed to start:`, error);
    app.exit(1);
  }
}

const folder = appFolder();
if (folder) {
  process.defaultApp = true;
  await start(folder);
} else {
  console.error('usage: electron APP_FOLDER [arguments]');
  app.exit(2);
}
