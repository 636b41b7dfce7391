import { capitalised, harmless } from '../../shared/format';
import { type MonitorEvent, type Snapshot, tellsOfWorker, type WorkerRow } from '../../shared/model';
import type { PolicyAction } from '../../shared/settings';
import { Timers } from '../timers';
import { createGate } from './policy-gate';
import { endByPolicy } from './policy-kill';
import { type HeldBack, isStuck, namesOf, reachOf, stuckWords } from './policy-rules';
import { type CurrentStall, confirm, isDue, StallBook, stalledForMs } from './policy-stalls';
import type { Policy, PolicyOptions } from './policy-types';
import { wordsOf } from './words';

export type { Policy, PolicyOptions } from './policy-types';

/** A kill ends before the next begins; the others wait for the next check. */
const KILLS_PER_CHECK = 3;
/** Timers may come a little early: two readings must still be a whole interval apart. */
const TIMER_SLACK_MS = 20;

export function createPolicy(options: PolicyOptions): Policy {
  const { monitor, clock, settings, tell, log } = options;
  const timers = new Timers<'check'>(clock);
  const gate = createGate(options);
  const book = new StallBook((id) => monitor.suggest(id, null));
  let unlisten: (() => void) | null = null;
  let underWay: Promise<void> | null = null;
  /** What held something back and was told of. */
  let toldHeld: HeldBack['kind'] | null = null;

  function hear({ kind, workerId }: MonitorEvent): void {
    if (kind === 'held') {
      // What was read before the hold is not fresh after it.
      book.forgetReadings();
      gate.refreshSoon();
    }
    if (workerId === null) return;
    if (kind === 'kill_ended' || kind === 'kill_failed') gate.breaker.noteEnded(workerId);
    if (!tellsOfWorker(kind)) return;
    if (kind === 'stalled' || kind === 'dead') {
      book.begin(workerId, clock.monotonicMs());
      gate.breaker.noteStall(workerId, kind);
      gate.refreshSoon();
    } else {
      book.end(workerId);
      gate.breaker.noteRecovery(workerId);
    }
  }

  function checkSoon(): void {
    timers.set('check', settings().policyCheckIntervalMs + TIMER_SLACK_MS, check);
  }

  function check(): void {
    checkSoon();
    try {
      goThrough();
    } catch (error) {
      log.warn(`The policy’s check failed: ${wordsOf(error)}`);
    }
  }

  /** Every stalled worker that a rule is for, as of now. */
  function follow({ workers }: Snapshot): CurrentStall[] {
    return book.follow(workers, settings(), clock.monotonicMs());
  }

  function goThrough(): void {
    if (!reachOf(settings()).acts) return;
    const snapshot = monitor.snapshot();
    const held = gate.refresh(snapshot);
    const due = follow(snapshot).filter((stall) => isDue(stall, now()));
    const isHeld = ({ current }: CurrentStall) => held !== null && (!held.killOnly || current.rule.action === 'kill');
    holdBack(held, due.filter(isHeld));
    const confirmed = due.filter((stall) => !isHeld(stall) && readAgain(stall));
    const under = (action: PolicyAction) => confirmed.filter(({ current }) => current.rule.action === action);
    notify(under('notify'));
    suggestAll(under('suggest'));
    endAll(under('kill'));
  }

  /** Readings from before or during what forbids to act are worth nothing afterwards. */
  function holdBack(held: HeldBack | null, stalls: CurrentStall[]): void {
    for (const stall of stalls) stall.readMs = null;
    if (!held) toldHeld = null;
    if (!held || !stalls.length || toldHeld === held.kind) return;
    toldHeld = held.kind;
    monitor.noteEvent('policy', null, `Nothing is done about ${namesOf(rowsOf(stalls))}: ${held.reason}`);
  }

  function readAgain(stall: CurrentStall): boolean {
    const startedAt = clock.wallMs();
    const reading = monitor.lookNow(stall.id);
    // What the reading told may have ended the stall.
    if (!book.has(stall)) return false;
    return confirm(stall, reading, { startedAt, nowMs: clock.monotonicMs(), settings: settings() });
  }

  function now(): { monotonicMs: number; at: number } {
    return { monotonicMs: clock.monotonicMs(), at: clock.wallMs() };
  }

  function why(stall: CurrentStall): string {
    return stuckWords(stall.current.row, stalledForMs(stall, now()));
  }

  // ── notify, suggest ──

  function notify(stalls: CurrentStall[]): void {
    for (const stall of stalls) {
      stall.acted = true;
      monitor.noteEvent('policy', stall.id, `Still ${why(stall)}`);
    }
    tellOf(stalls, (subject) => `Still stalled: ${subject}`);
  }

  function suggestAll(stalls: CurrentStall[]): void {
    for (const stall of stalls) suggest(stall, why(stall));
    tellOf(stalls, (subject) => `End ${subject}?`);
  }

  function suggest(stall: CurrentStall, reason: string): void {
    stall.acted = true;
    stall.suggested = true;
    monitor.suggest(stall.id, reason);
    monitor.noteEvent('policy', stall.id, `Ending it is suggested: ${reason}`);
  }

  function tellOf(stalls: CurrentStall[], title: (subject: string) => string): void {
    const [first] = stalls;
    if (!first) return;
    const { id, name } = first.current.row;
    const isOne = stalls.length === 1;
    const subject = isOne ? harmless(name, 60) : `${stalls.length} workers`;
    tell({ title: title(subject), body: isOne ? capitalised(why(first)) : namesOf(rowsOf(stalls)), workerId: id });
  }

  // ── kill ──

  /** One after the other. What is not begun in this check waits for the next. */
  function endAll(stalls: CurrentStall[]): void {
    if (underWay || !stalls.length) return;
    const endSome = async () => {
      for (const stall of stalls.slice(0, KILLS_PER_CHECK)) if (book.isCurrent(stall)) await endOne(stall);
    };
    underWay = endSome()
      .catch((error) => log.warn(`Automatic ending failed: ${wordsOf(error)}`))
      .finally(() => {
        underWay = null;
      });
  }

  async function endOne(stall: CurrentStall): Promise<void> {
    const { row, rule } = stall.current;
    stall.acted = true;
    if (gate.breaker.isFromStorm(stall.id)) {
      const together = 'It stalled together with many others, none of which is ended automatically';
      offer(stall, `${together}; ${why(stall)}`);
      return;
    }
    const obstacle = () => obstacleNow(stall);
    const result = await endByPolicy({ ...options, row, killGraceMs: rule.killGraceMs, why: why(stall), obstacle });
    if (result.kind === 'done') {
      const name = harmless(row.name, 60);
      const title = result.ended ? `${name} was ended automatically` : `${name} could not be ended`;
      tell({ title, body: result.ended ? capitalised(result.why) : result.summary, workerId: row.id, done: true });
      if (result.ended && !isStuck(row)) monitor.noteTimedOut(row.id, `Ended: ${result.why}`);
    } else if (result.kind === 'offer') {
      if (book.isCurrent(stall)) offer(stall, result.reason);
    } else {
      Object.assign(stall, { acted: false, readMs: null });
    }
  }

  /** Why it must not be ended now after all; null: everything stands as it did. */
  function obstacleNow(stall: CurrentStall): string | null {
    if (!unlisten) return 'idlewatch is being closed';
    const snapshot = monitor.snapshot();
    const held = gate.refresh(snapshot);
    if (held) return held.reason;
    const isWanted = follow(snapshot).includes(stall) && stall.current.rule.action === 'kill';
    return isWanted && readAgain(stall) ? null : 'it does not stand as it did';
  }

  /** It is not for the policy to end: a person may. */
  function offer(stall: CurrentStall, reason: string): void {
    if (!isStuck(stall.current.row)) {
      // It does no harm, and may stay.
      monitor.noteEvent('policy', stall.id, reason);
      return;
    }
    suggest(stall, reason);
    tell({ title: `End ${harmless(stall.current.row.name, 60)}?`, body: capitalised(reason), workerId: stall.id });
  }

  return {
    start() {
      if (unlisten) return;
      unlisten = monitor.onEvent(hear);
      gate.refresh();
      checkSoon();
    },
    async stop() {
      unlisten?.();
      unlisten = null;
      timers.clear();
      gate.stop();
      await underWay;
    },
    configure() {
      if (!unlisten) return;
      const snapshot = monitor.snapshot();
      follow(snapshot);
      gate.refresh(snapshot);
      checkSoon();
    },
    closeBreaker: (askedBy) => gate.close(askedBy),
    status: () => gate.status(),
  };
}

function rowsOf(stalls: CurrentStall[]): WorkerRow[] {
  return stalls.map(({ current }) => current.row);
}
