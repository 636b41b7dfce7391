// @ts-check
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './run.mjs';
import { SetupError } from './say.mjs';

/** Where a declaration names another one beside it. */
const RELATIVE = /(\bfrom |\bimport\()(['"])(\.\.?\/[^'"]+)\2/g;

/**
 * Writes the types of the library into out/lib/types: index.d.ts and what it needs, no more.
 * @param {string} root
 */
export async function buildLibraryTypes(root) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const code = await run(process.execPath, [tsc, '-p', 'tsconfig.lib.json'], { cwd: root });
  if (code !== 0) throw new SetupError(`the types of the library could not be written, exit code ${code}`);
  const types = join(root, 'out', 'lib', 'types');
  const needed = finishDeclarations(join(types, 'index.d.ts'));
  for (const file of declarationsIn(types)) if (!needed.has(file)) rmSync(file);
}

/**
 * Names declarations by their whole file names, as programs that resolve modules like Node.js need it.
 * @param {string} entry
 * @returns {Set<string>} the entry and all that it leads to
 */
function finishDeclarations(entry) {
  const needed = new Set([entry]);
  for (const file of needed) {
    const text = readFileSync(file, 'utf8').replace(RELATIVE, (_, before, quote, name) => {
      const ending = existsSync(join(dirname(file), `${name}.d.ts`)) ? '' : '/index';
      needed.add(join(dirname(file), `${name}${ending}.d.ts`));
      return `${before}${quote}${name}${ending}.js${quote}`;
    });
    writeFileSync(file, text);
  }
  return needed;
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function declarationsIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => join(folder, name));
}
