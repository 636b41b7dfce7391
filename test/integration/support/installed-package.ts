import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../../..');
const BUILT_FROM = [
  'src',
  'resources',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.lib.json',
];
const run = promisify(execFile);

/** A folder of somebody else's, in which the package is installed as npm packs it. */
export interface InstalledPackage {
  folder: string;
  /** Files of the package, by their names in it. */
  files: string[];
  /** Write a file into the folder and run a program of Node.js there. Rejects, with its output, where that fails. */
  node(args: string[], environment?: Record<string, string>): Promise<string>;
  write(name: string, content: string): void;
  remove(): void;
}

/** Build a copy of the checkout, pack it and install that. Beside it are its own dependencies, and `others` of ours. */
export async function installPackage(others: string[]): Promise<InstalledPackage> {
  const scratch = mkdtempSync(join(tmpdir(), 'idlewatch-package-'));
  const copy = join(scratch, 'checkout');
  for (const name of BUILT_FROM) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const builder = pathToFileURL(join(ROOT, 'scripts/setup/build.mjs')).href;
  await run(process.execPath, ['-e', `import('${builder}').then(({ build }) => build(process.argv[1]))`, copy]);

  const npm = ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', scratch];
  const packed = await run('npm', npm, { cwd: copy, shell: process.platform === 'win32' });
  const [{ filename, files }] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];

  const folder = join(scratch, 'app');
  const home = join(folder, 'node_modules/idlewatch');
  mkdirSync(home, { recursive: true });
  execFileSync('tar', ['-xzf', join(scratch, filename), '-C', home, '--strip-components=1']);
  const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { dependencies: object };
  for (const name of new Set([...Object.keys(dependencies), ...others])) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }

  return {
    folder,
    files: files.map(({ path }) => path),
    write: (name, content) => writeFileSync(join(folder, name), content),
    async node(args, environment = {}) {
      const { stdout } = await run(process.execPath, args, { cwd: folder, env: { PATH: '/nowhere', ...environment } });
      return stdout;
    },
    remove: () => rmSync(scratch, { recursive: true, force: true }),
  };
}
