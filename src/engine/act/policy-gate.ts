import type { Asker, PolicyStatus, Snapshot } from '../../shared/model';
import type { AuditEntry } from '../ports';
import { Timers } from '../timers';
import { type Breaker, closingWords, createBreaker } from './breaker';
import { type HeldBack, heldBackBy, reachOf } from './policy-rules';
import type { PolicyOptions } from './policy-types';
import { wordsOf } from './words';

/** Workers that stall together are told of together. */
const GATHER_MS = 1_000;

/** Knows whether the policy may act now: keeps the circuit breaker, publishes what stands and tells of its changes. */
export interface PolicyGate {
  readonly breaker: Breaker;
  /** Judge everything anew and publish it. What forbids to act; null: nothing does. */
  refresh(snapshot?: Snapshot): HeldBack | null;
  /** Do so a moment later, with all that happens meanwhile. */
  refreshSoon(): void;
  /** By a person's hand. False: it was not open. */
  close(askedBy: Asker): boolean;
  status(): PolicyStatus;
  stop(): void;
}

export function createGate(options: PolicyOptions): PolicyGate {
  const { monitor, clock, settings, load, audit, tell, log } = options;
  const timers = new Timers<'gather' | 'close'>(clock);
  const breaker = createBreaker({ clock, settings });
  let status: PolicyStatus = { armed: false, heldBack: null, breaker: null };
  let isOpenTold = false;

  function note(entry: AuditEntry): void {
    audit.append(entry).catch((error) => log.warn(`The audit log cannot be written: ${wordsOf(error)}`));
  }

  function refresh(snapshot = monitor.snapshot()): HeldBack | null {
    const inForce = settings();
    const { acts, armed } = reachOf(inForce);
    if (breaker.judge(snapshot.workers) === 'closed') tellClosed('No worker has turned stalled for a while', null);
    const open = breaker.state();
    if (open && acts && !isOpenTold) tellOpened(open, armed);
    const closesInMs = breaker.closesInMs();
    if (closesInMs !== null) timers.set('close', closesInMs, () => refresh());
    const rival = options.rival?.() ?? null;
    const held = heldBackBy({ snapshot, loadPerCore: load.loadPerCore(), breaker: open, rival, settings: inForce });
    const heldBack = acts && held && (armed || !held.killOnly) ? held.reason : null;
    publish({ armed, heldBack, breaker: acts ? open : null });
    return held;
  }

  function publish(next: PolicyStatus): void {
    if (JSON.stringify(next) === JSON.stringify(status)) return;
    status = next;
    monitor.notePolicy(status);
  }

  function tellOpened({ openedAt, reason }: NonNullable<PolicyStatus['breaker']>, armed: boolean): void {
    isOpenTold = true;
    const stopped = armed ? 'automatic ending has stopped' : 'nothing is suggested';
    const text = `${reason}: ${stopped} ${closingWords(settings())}`;
    monitor.noteEvent('breaker_opened', null, text, { reason });
    const title = armed ? 'Automatic ending has stopped' : 'Many workers stalled at once';
    tell({ title, body: text, workerId: null });
    note({ at: openedAt, kind: 'breaker_opened', reason });
  }

  function tellClosed(why: string, askedBy: Asker | null): void {
    if (!isOpenTold) return;
    isOpenTold = false;
    monitor.noteEvent('breaker_closed', null, `${why}: the circuit breaker is closed`, { why, askedBy });
    note({ at: clock.wallMs(), kind: 'breaker_closed', why, askedBy });
  }

  return {
    breaker,
    refresh,
    refreshSoon() {
      if (!timers.has('gather')) timers.set('gather', GATHER_MS, () => refresh());
    },
    close(askedBy) {
      if (!breaker.close()) return false;
      timers.cancel('close');
      tellClosed('Allowed again by a person', askedBy);
      refresh();
      return true;
    },
    status: () => status,
    stop: () => timers.clear(),
  };
}
