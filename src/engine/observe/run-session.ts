import type { ProcessFact } from '../ports';
import type { ProcessClaim } from '../sources/source';
import { hasEnded } from './kinship';

/** The session of the system that a supervised command was started in, by its first process. */
export type RunSession = Pick<ProcessClaim, 'pid' | 'startTime' | 'heldUntil'>;

/**
 * What is in the session of a supervised command, also where its first process has ended; empty where that cannot be told
 * from a session that was given the same number later. The number was the command's own as long as its supervisor lived,
 * so one member that started before the supervisor's last sign of life proves it for all.
 */
export function inRunSession(listing: readonly ProcessFact[], session: RunSession): ProcessFact[] {
  const members = membersOf(listing, session);
  const { pid: first, heldUntil } = session;
  const isProven = (fact: ProcessFact) =>
    fact.pid === first || (heldUntil !== undefined && fact.startedAt <= heldUntil);
  return members.some(isProven) ? members : [];
}

/** The living that are in a session of that number, unless another one leads it. */
export function membersOf(listing: readonly ProcessFact[], { pid: first, startTime }: RunSession): ProcessFact[] {
  if (first <= 1 || listing.some(({ pid, startTime: other }) => pid === first && other !== startTime)) return [];
  return listing.filter((fact) => fact.sessionId === first && !hasEnded(fact));
}
