import type { KillTarget } from '../monitor-types';
import type { Self } from '../observe/off-limits';
import { START_TOLERANCE_MS } from '../observe/process-claim';
import type { ProcessFact, ProcessIdentity, TerminalSession } from '../ports';

/** The first processes of the panes of a worker's tmux session, as far as they still are the listed ones. */
export function findPanes({ session, claim }: KillTarget, byPid: ReadonlyMap<number, ProcessFact>): ProcessIdentity[] {
  if (!session) return [];
  const listedAt = claim?.from === 'session' ? claim.namedAt : Number.POSITIVE_INFINITY;
  return session.panePids.flatMap((pid) => {
    const fact = byPid.get(pid);
    // Its server starts the first process of a pane itself, so a pid given anew to a stranger shows.
    const isPane = fact?.ppid === session.serverPid && fact.startedAt <= listedAt + START_TOLERANCE_MS;
    return fact && isPane ? [{ pid, startTime: fact.startTime }] : [];
  });
}

/** Why a tmux session must not be ended: idlewatch runs in it. Null: nothing forbids it. */
export function whySessionStays(
  self: Self,
  session: TerminalSession | null,
  byPid: ReadonlyMap<number, ProcessFact>,
): string | null {
  if (!session) return null;
  const panes = new Set(session.panePids);
  const isInside = [self.pid, ...self.ancestors].some(
    (pid) => panes.has(pid) || panes.has(byPid.get(pid)?.sessionId ?? 0),
  );
  return isInside ? `idlewatch itself runs in the tmux session ${session.name}` : null;
}
