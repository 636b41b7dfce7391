import type { KillReceipt } from '../../shared/model';
import type { RunningCommand } from '../command-runner';
import type { KillTarget } from '../monitor-types';
import type { AuditLog, Clock, Logger, ProcessTable, Signals } from '../ports';
import { createKiller } from './kill';
import { wordsOf } from './words';

export interface TimeoutPorts {
  table: ProcessTable;
  signals: Signals;
  /** Null: there is nowhere to write it. */
  audit: AuditLog | null;
  clock: Clock;
  log: Logger;
}

/**
 * End all of a run because it is over its time, as any worker is ended: planned, checked, recorded. Returns what came of
 * it, in words.
 *
 * Three things differ, since a person has ordered this end beforehand and nobody is there to ask. Workers that it has
 * started itself end with it. An audit log that cannot be written is told and stops nothing. And where nothing can be
 * planned (a process table that cannot be read), the process group is signalled: its leader is our own child and not yet
 * waited for, so the group can be no one else's.
 */
export async function endForTimeout(
  ports: TimeoutPorts,
  target: KillTarget,
  command: RunningCommand,
  { why, killGraceMs }: { why: string; killGraceMs: number },
): Promise<string> {
  let receipt: KillReceipt | null = null;
  const killer = createKiller({
    ...ports,
    audit: auditAsFarAsPossible(ports),
    settings: () => ({ killGraceMs }),
    target: () => target,
    targets: () => [target],
    onReceipt: (got) => {
      receipt = got;
    },
  });
  const { planId, refused } = killer.plan(target.workerId);
  const answer = await killer.execute(planId, { acceptShared: true, askedBy: 'supervisor', why });
  if (answer.ok) return answer.receipt.summary;
  if (receipt !== null) return (receipt as KillReceipt).summary;
  await endGroup(command, ports.clock, killGraceMs);
  return `The process group was ended without a look at its processes: ${refused ?? answer.reason}`;
}

function auditAsFarAsPossible({ audit, log }: TimeoutPorts): AuditLog {
  let isTold = false;
  return {
    async append(entry) {
      try {
        await audit?.append(entry);
      } catch (error) {
        if (isTold) return;
        isTold = true;
        log.warn(`The audit log cannot be written, and the run is ended all the same: ${wordsOf(error)}`);
      }
    },
  };
}

async function endGroup(command: RunningCommand, clock: Clock, killGraceMs: number): Promise<void> {
  command.signalGroup('SIGTERM');
  const grace = new Promise<'over'>((done) => clock.after(killGraceMs, () => done('over')));
  const first = await Promise.race([grace, command.ended]);
  if (first === 'over') command.signalGroup('SIGKILL');
}
