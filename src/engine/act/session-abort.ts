import { harmless } from '../../shared/format';
import type { KillTarget } from '../monitor-types';
import type { Clock } from '../ports';
import type { SessionAbort } from '../sources/source';
import type { Scope } from './scope';
import type { SessionEnd } from './session-end';
import type { SessionScope } from './session-scope';
import type { SessionServers } from './session-servers';
import { inSeconds } from './words';

/** How long a session may take to be at rest after its server was asked. */
export const ABORT_DEADLINE_MS = 10_000;
const POLL_MS = 200;

/** A worker whose program is asked to end it. */
export type AbortTarget = KillTarget & { abort: SessionAbort };

export function isAbortTarget(target: KillTarget): target is AbortTarget {
  return target.abort !== null;
}

/** The very same session of the same server. */
export function isSameAbort(a: SessionAbort | null, b: SessionAbort | null): boolean {
  return a?.server === b?.server && a?.sessionId === b?.sessionId;
}

/** The other workers that live in the same server and do not work for this one. */
export function neighboursOf({ abort, workerId }: AbortTarget, targets: readonly KillTarget[]): AbortTarget[] {
  return targets
    .filter(isAbortTarget)
    .filter((other) => other.workerId !== workerId && other.abort.server === abort.server)
    .filter((other) => !abort.helpers.includes(other.abort.sessionId));
}

/** One abort, for whoever ends what is left in between. */
export interface Abort {
  /** Ask for it and wait for it. `scope`: what may be ended with it, less what others may have begun by then. */
  run(scope: Scope | SessionScope): Promise<void>;
  /** Where it stands, looked at once more where it was not at rest. */
  result(): Promise<SessionEnd>;
}

export function createAbort(
  servers: SessionServers | null,
  clock: Clock,
  target: AbortTarget,
  targets: () => readonly KillTarget[],
): Abort {
  const startedMs = clock.monotonicMs();
  let end: AbortResult | null = null;
  return {
    async run(scope) {
      end = await abortSession(servers, clock, target, targets());
      if (end.othersBusy !== null && 'leaveAlone' in scope) scope.leaveAlone(end.othersBusy);
    },
    async result() {
      if (end?.ended || !servers) return end ?? NOT_ASKED;
      const now = await lookAtRest(servers, target, targets(), inSeconds(clock.monotonicMs() - startedMs));
      return now.ended ? now : (end ?? now);
    },
  };
}

const NOT_ASKED: AbortResult = {
  ended: false,
  words: 'Servers of sessions cannot be asked here.',
  othersBusy: 'whether another session is at work was not asked',
};

/** What became of asking a server to abort a session. */
export interface AbortResult extends SessionEnd {
  /** Who else is at work in the server, or why that is not known, in words; null: nobody. */
  othersBusy: string | null;
}

/** Ask its server to abort it, and wait until the server does not call it busy any more. Never rejects. */
async function abortSession(
  servers: SessionServers | null,
  clock: Clock,
  target: AbortTarget,
  targets: readonly KillTarget[],
): Promise<AbortResult> {
  const { abort } = target;
  if (!servers) return NOT_ASKED;
  const startedMs = clock.monotonicMs();
  const asked = await servers.abort(abort);
  const refusal = asked.ok ? '' : ` The abort failed: ${asked.reason}.`;
  for (;;) {
    const result = await lookAtRest(servers, target, targets, inSeconds(clock.monotonicMs() - startedMs));
    if (result.ended || clock.monotonicMs() - startedMs > ABORT_DEADLINE_MS || !asked.ok) {
      return result.ended ? result : { ...result, words: `${result.words}${refusal}` };
    }
    await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
  }
}

/** Whether it is at rest now, and who else is not. `after`: how long ago it was asked to be. */
async function lookAtRest(
  servers: SessionServers,
  target: AbortTarget,
  targets: readonly KillTarget[],
  after: string,
): Promise<AbortResult> {
  const { abort } = target;
  const neighbours = neighboursOf(target, targets);
  const directories = [abort.directory, ...neighbours.flatMap(directoryAtWork)];
  const name = `The OpenCode server at ${abort.serverName}`;
  const listed = await servers.busy(abort, [...new Set(directories)]);
  if (!listed.ok) {
    const words = `Whether the session is at rest is not known: ${name.replace('The', 'the')}: ${listed.reason}.`;
    return { ended: false, words, othersBusy: `whether another session is busy is not known: ${listed.reason}` };
  }
  const own = new Set([abort.sessionId, ...abort.helpers]);
  const others = listed.ids.filter((id) => !own.has(id));
  const othersBusy = others.length ? `${namesOf(others, neighbours)} of the same server is at work` : null;
  return listed.ids.some((id) => own.has(id))
    ? {
        ended: false,
        words: `${name} still calls the session busy, ${after} after it was asked to abort it.`,
        othersBusy,
      }
    : { ended: true, words: `${name} says that the session is at rest, ${after} after it was asked.`, othersBusy };
}

/** A directory where nobody is at work is not asked for: the server would have to load it. */
function directoryAtWork({ abort }: AbortTarget): string[] {
  return abort.busySince === null ? [] : [abort.directory];
}

function namesOf(ids: readonly string[], neighbours: readonly AbortTarget[]): string {
  const names = ids.map((id) => neighbours.find(({ abort }) => abort.sessionId === id)?.workerName ?? id);
  return names.map((name) => `“${harmless(name, 80)}”`).join(', ');
}
