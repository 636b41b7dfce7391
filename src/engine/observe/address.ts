import type { Liveness } from '../../shared/model';
import type { ProcessAddress, ProcessSpace, ProcessTable } from '../ports';

/**
 * Is the process of an address that was written down still there? A pid is looked at only where it can mean that
 * process: on this machine, in this boot, in this pid namespace.
 *
 * - Another host (unless its boot is this one), another pid namespace, or one of two boots not known: `unknown`, it cannot
 *   be seen from here.
 * - Another boot of this host: `gone`, nothing outlives a boot.
 * - Else by pid and start time; a look that fails is `unknown`.
 */
export function livenessOf(table: ProcessTable, address: ProcessAddress): Liveness {
  const elsewhere = whereElse(table.space(), address);
  if (elsewhere) return elsewhere;
  const look = table.inspect(address.pid);
  if (look.liveness !== 'alive') return look.liveness;
  return look.fact.startTime === address.startTime ? 'alive' : 'gone';
}

/** Whether the pid of an address can mean that process here and now: of nothing else may anything be asked by it. */
export function isHere(table: ProcessTable, address: ProcessAddress): boolean {
  return whereElse(table.space(), address) === null;
}

/** What is known of a process by where it was written down alone; null: it is to be looked for here. */
function whereElse(here: ProcessSpace, address: ProcessAddress): 'gone' | 'unknown' | null {
  const boot = bootsOf(here, address);
  // A machine may be given another name while it runs: its boot is the same.
  const isThisBoot = boot === 'same' && here.bootId !== null;
  if (address.hostName !== here.hostName && !isThisBoot) return 'unknown';
  if (boot !== 'same') return boot === 'other' ? 'gone' : 'unknown';
  return address.pidNamespace === here.pidNamespace ? null : 'unknown';
}

/** Where the system tells no boot id at all, a start time is all there is to go by. */
function bootsOf(here: ProcessSpace, there: ProcessSpace): 'same' | 'other' | 'unknown' {
  if (here.bootId === there.bootId) return 'same';
  return here.bootId === null || there.bootId === null ? 'unknown' : 'other';
}
