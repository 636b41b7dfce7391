import { basename, dirname } from 'node:path';
import type { TreeRemover } from '../../engine/ports';
import { type Descent, rawName, TreeProblem } from './descent';
import { descendOnLinux } from './linux-descent';
import { refuseMounts } from './mounts';
import { createPace } from './pace';
import { descendByPath } from './path-descent';
import { measureTree, removeTree, walkTree } from './walk';

/**
 * Measures and removes directory trees without ever leaving them, see the port.
 *
 * On Linux every step is taken from an opened directory and compared with the mount and the device of the root, so
 * neither a link nor a mount that appears during the work leads out. Elsewhere directories are compared by path, device
 * and inode just before they are entered and read. Work is done in slices of 4 ms; memory and open files are bounded,
 * however deep or wide the tree is.
 */
export function createTreeRemover(platform: NodeJS.Platform = process.platform): TreeRemover {
  const descend = platform === 'linux' ? descendOnLinux : descendByPath;

  async function below<Result>(root: string, makeOurs: boolean, work: (descent: Descent) => Promise<Result>) {
    const descent = descend(root, { makeOurs });
    try {
      return await work(descent);
    } finally {
      descent.close();
    }
  }

  function mustBeDirectory(descent: Descent, path: string): void {
    if (descent.enter(rawName(basename(path))) !== 'entered') {
      throw new TreeProblem(`${path} is no directory: it is left alone.`);
    }
    descent.leave();
  }

  return {
    async measure(path) {
      try {
        return await below(dirname(path), false, async (descent) => {
          mustBeDirectory(descent, path);
          return measureTree(descent, rawName(basename(path)), createPace());
        });
      } catch {
        return null;
      }
    },

    async remove(path, root) {
      const name = basename(path);
      if (dirname(path) !== root || path === root || ['', '.', '..'].includes(name)) {
        throw new TreeProblem(`${path} does not lie directly in ${root}: it is left alone.`);
      }
      if (platform === 'linux') refuseMounts(path);
      // Once through before anything goes: what must stop the removal is found while all is still there.
      await below(root, true, async (descent) => {
        mustBeDirectory(descent, path);
        await walkTree(descent, rawName(name), createPace());
      });
      await below(root, true, (descent) => removeTree(descent, rawName(name), createPace()));
    },
  };
}
