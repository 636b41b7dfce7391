import { harmless } from '../../../shared/format';
import { isWithin } from '../../observe/belonging';
import { stillThere } from '../../observe/process-claim';
import type { ProcessFact, ProcessTable } from '../../ports';

/** A start is known to about a second, and the time in a workbench's name is cut to whole ones. */
const START_TOLERANCE_MS = 2_000;

/** A workbench as far as processes can be told to be in it. */
export interface Place {
  /** Real path. */
  path: string;
  /** Nothing of it can have started earlier. */
  triggeredAt: number;
  /** First processes of its session's panes, as long as that lived: each led a session of the system. */
  panePids: readonly number[];
}

/**
 * Why a workbench whose tmux session is gone is in use all the same: a process works in it, is left of its session, or
 * is this user's and hides where it works (programs that guard secrets do). The last is passed over where it cannot be
 * the workbench's: it, or the leader of its session, started before the workbench did, or that leader works elsewhere.
 *
 * Another user's process that hides where it works is passed over: on a machine of several there always are some, and
 * nothing would ever be removed. So is one that has ended since it was listed: it shows nothing either. Null: nothing uses
 * it. A listing that fails is a reason.
 */
export function whyInUse(table: ProcessTable, place: Place): string | null {
  const listing = table.list();
  if (!listing.ok) return `whether a process still works in it is not known: ${listing.reason}`;
  const { uid } = table.self();
  const living = listing.processes.filter(({ stat }) => stat !== 'Z');
  const byPid = new Map(living.map((fact) => [fact.pid, fact]));
  const isOlder = ({ startedAt }: ProcessFact) => startedAt < place.triggeredAt - START_TOLERANCE_MS;

  for (const fact of living) {
    const cwd = table.workingDirectory(fact.pid);
    if (cwd !== null && isWithin(cwd, place.path)) return `process ${named(fact)} works in it`;
    if (place.panePids.includes(fact.sessionId)) return `process ${named(fact)} is left of its session`;
    const isOurs = fact.uid === uid || fact.uid === -1;
    if (cwd === null && isOurs && !isOlder(fact) && !isLedElsewhere(fact) && stillThere(table, fact) !== 'gone') {
      return `process ${named(fact)} does not show where it works`;
    }
  }
  return null;

  function isLedElsewhere({ sessionId }: ProcessFact): boolean {
    const leader = byPid.get(sessionId);
    if (!leader) return false;
    return isOlder(leader) || table.workingDirectory(leader.pid) !== null; // Those inside were found above or will be.
  }
}

function named({ pid, name }: ProcessFact): string {
  return `${pid} (${harmless(name, 40)})`;
}
