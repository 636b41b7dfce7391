import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunFolder } from '../../engine/command-runner';
import { makePrivateFolder } from '../state-folder';

/** The worker directories of supervised runs: `runs` in the state folder. */
export function createRunFolder(stateFolder: string): RunFolder {
  const folder = realFolder(join(stateFolder, 'runs'), stateFolder);
  return {
    pathOf: (id) => join(folder, id),
    make(id) {
      const path = join(folder, id);
      makePrivateFolder(folder);
      mkdirSync(path, { mode: 0o700 });
      return {
        path,
        write(name, value) {
          // It may be removed while the command runs: whoever watches looks for it there.
          if (!existsSync(path)) makePrivateFolder(path);
          writeWhole(join(path, name), value);
        },
      };
    },
  };
}

/** Its real path; as it was given where it cannot be made, for then nothing will be in it either. */
function realFolder(folder: string, stateFolder: string): string {
  try {
    makePrivateFolder(stateFolder);
    makePrivateFolder(folder);
    return realpathSync.native(folder);
  } catch {
    return folder;
  }
}

/** Not forced to the disk: what counts after a crash stands in the registry. */
function writeWhole(path: string, value: object): void {
  const temporary = `${path}.tmp`;
  try {
    writeFileSync(temporary, `${JSON.stringify(value)}\n`, { mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
