import { isWithin, markOf } from '../../observe/belonging';
import type { ProcessTable } from '../../ports';

/**
 * Why a finished worker's directory is still in use: a process works in it, be it another user's (sudo) as far as that can
 * be seen, or one of ours carries its mark. Null where none does. A listing that fails is a reason to leave it.
 */
export function whyStillAlive(table: ProcessTable, directory: string): string | null {
  const listing = table.list();
  if (!listing.ok) return `whether a process still uses it is not known: ${listing.reason}`;
  const { uid, pid: own } = table.self();
  for (const { pid, uid: owner, stat } of listing.processes) {
    if (pid === own || stat === 'Z') continue;
    const cwd = table.workingDirectory(pid);
    if (cwd !== null && isWithin(cwd, directory)) return `process ${pid} works in it`;
    if (owner === uid && markOf(table, pid) === directory) return `process ${pid} still belongs to it`;
  }
  return null;
}
