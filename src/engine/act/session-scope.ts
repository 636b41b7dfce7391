import type { KillTarget } from '../monitor-types';
import { ancestorsOf } from '../observe/kinship';
import { createMarkReader } from '../observe/marked';
import { type Self, whyOffLimits, whySessionHost } from '../observe/off-limits';
import { START_TOLERANCE_MS } from '../observe/process-claim';
import type { ProcessFact, ProcessTable } from '../ports';
import { keyOf } from './apart';
import { createOwnership } from './ownership';
import type { Scope } from './scope';
import { type AbortTarget, neighboursOf } from './session-abort';
import { growTree, type Led, type Seed, type Sparing, type Tree } from './tree';

/** A program that OpenCode starts is told by this which server it is of, and hands it on. */
const SERVER_PID = 'OPENCODE_PID';
const TERMINALS = /^\/dev\/(pts\/|tty)/;

/**
 * What may be ended with a session beside its server's word: the programs its commands left running, where it is plain that
 * they are its own. The server itself is never ended, nor what it runs for all its sessions.
 */
export interface SessionScope extends Scope {
  /** Others are at work in the same server now, in words: what begins from now on may be theirs. */
  leaveAlone(others: string): void;
}

export function openSessionScope(
  table: ProcessTable,
  target: AbortTarget,
  targets: readonly KillTarget[],
): SessionScope | { refused: string } {
  const self = table.self();
  const listed = table.list();
  if (!listed.ok) return { refused: `Nothing can be ended: ${listed.reason}.` };
  let byPid = new Map(listed.processes.map((fact) => [fact.pid, fact]));
  const { serverProcess, busySince } = target.abort;
  const others = targets.filter((other) => other.workerId !== target.workerId);
  const marks = createMarkReader(table, listed.processes);
  const ownership = createOwnership(table, self, { others, factOf: (pid) => byPid.get(pid), marks });
  let othersAtWork = whoElseWorks(target, targets);
  const servers = new Set(targets.flatMap(({ abort }) => (abort?.serverProcess ? keyOf(abort.serverProcess) : [])));
  const servedByServer = new Map<string, boolean>();
  const judged = new Map<string, Sparing | null>();

  function serverIn(): ProcessFact | null {
    const fact = serverProcess ? byPid.get(serverProcess.pid) : undefined;
    return fact?.startTime === serverProcess?.startTime ? (fact ?? null) : null;
  }

  /** It descends from the server, or did so before what started it ended. Asked once for each process. */
  function isOfServer(fact: ProcessFact, server: ProcessFact): boolean {
    const key = keyOf(fact);
    const known = servedByServer.get(key);
    if (known !== undefined) return known;
    const isYounger = fact.startedAt >= server.startedAt - START_TOLERANCE_MS;
    const isOf =
      ancestorsOf(fact.pid, byPid).has(server.pid) ||
      (isYounger && fact.uid === self.uid && table.environmentValue(fact.pid, SERVER_PID) === String(server.pid));
    servedByServer.set(key, isOf);
    return isOf;
  }

  /** The first processes of what the server's sessions started: their commands run in terminal sessions of their own. */
  function tops(facts: readonly ProcessFact[], server: ProcessFact): ProcessFact[] {
    const ofServer = facts.filter((fact) => fact.pid !== server.pid && isOfServer(fact, server));
    const pids = new Set(ofServer.map(({ pid }) => pid));
    return ofServer.filter(({ ppid }) => !pids.has(ppid));
  }

  /** Asked once for each process, but whether others are at work. */
  function spare(fact: ProcessFact, server: ProcessFact): Sparing | null {
    const key = keyOf(fact);
    let sparing = judged.get(key);
    if (sparing === undefined) {
      sparing = judge(table, self, fact) ?? ownedByOther(fact) ?? whyNotOfSession(fact, server);
      judged.set(key, sparing);
    }
    return sparing;
  }

  function ownedByOther(fact: ProcessFact): Sparing | null {
    if (servers.has(keyOf(fact))) return { why: 'it is a server of other sessions', below: true };
    const [owner] = [...ownership.servedBy(fact), ownership.markedFor(fact)];
    return owner ? { why: `it is the process of ${owner.workerName}`, below: true } : null;
  }

  function whyNotOfSession(fact: ProcessFact, server: ProcessFact): Sparing | null {
    const why = (text: string) => ({ why: text, below: true });
    const parent = byPid.get(fact.ppid);
    // Below a program of the session's, all is the session's.
    if (parent && parent.pid !== server.pid && judged.get(keyOf(parent)) === null) return null;
    if (fact.sessionId === 0 || fact.sessionId === server.sessionId) return why('it serves the whole OpenCode server');
    if (busySince === null) return why('the session is not known to be at work');
    if (fact.startedAt < busySince - START_TOLERANCE_MS) return why('it was started before the session began its work');
    if (hasTerminal(table, fact)) return why('it is a terminal of its own');
    return othersAtWork === null ? null : why(`whose command it is cannot be told: ${othersAtWork}`);
  }

  function grow(facts: readonly ProcessFact[], known: readonly Seed[] = [], led?: Led): Tree {
    byPid = new Map(facts.map((fact) => [fact.pid, fact]));
    const server = serverIn();
    const above = new Set(server ? [server.pid, ...ancestorsOf(server.pid, byPid)] : []);
    const found = server ? tops(facts, server) : [];
    const seeds = found.map((fact) => ({ identity: fact, why: "a command of the session's server started it" }));
    const own = ownOf(self, byPid);
    const tree = growTree(facts, [...seeds, ...known.map((seed) => ({ ...seed, verified: true }))], {
      own,
      led,
      spare: (fact) => (server ? spare(fact, server) : (judge(table, self, fact) ?? ownedByOther(fact))),
      isAbove: (fact) => above.has(fact.pid),
    });
    const spared = tree.spared.filter(({ fact }) => isTopmostOf(tree.spared, fact));
    return server ? { ...tree, spared: [{ fact: server, why: SERVER_STAYS }, ...spared] } : { ...tree, spared };
  }

  return {
    root: null,
    reason: serverIn() ? 'the server is asked to end its work' : 'the process of its server is not known here',
    sharedWith: [],
    grow,
    forgetMarks: () => marks.forget(),
    leaveAlone(reason) {
      othersAtWork = reason;
    },
    listing: listed.processes,
    own: ownOf(self, byPid),
  };
}

/** Who of the same server is at work, or was since this one began; null: nobody, so all that was started is its own. */
function whoElseWorks(target: AbortTarget, targets: readonly KillTarget[]): string | null {
  const neighbours = neighboursOf(target, targets);
  const busy = neighbours.find(({ abort }) => abort.busySince !== null);
  if (busy) return `“${busy.workerName}” of the same server is at work`;
  const since = (target.abort.busySince ?? Number.POSITIVE_INFINITY) - START_TOLERANCE_MS;
  const worked = neighbours.find(({ abort }) => abort.activeAt >= since);
  return worked ? `“${worked.workerName}” of the same server was at work meanwhile` : null;
}

const SERVER_STAYS = 'the server is never ended';

function judge(table: ProcessTable, self: Self, fact: ProcessFact): Sparing | null {
  const offLimits = whyOffLimits(table, self, fact) ?? whySessionHost(fact);
  return offLimits ? { why: offLimits, below: true } : null;
}

function hasTerminal(table: ProcessTable, fact: ProcessFact): boolean {
  return table.openFiles(fact.pid)?.some(({ path }) => TERMINALS.test(path)) ?? false;
}

function ownOf(self: Self, byPid: ReadonlyMap<number, ProcessFact>): Scope['own'] {
  const own = byPid.get(self.pid);
  return { group: own?.pgid ?? 0, session: own?.sessionId ?? 0 };
}

/** Of what is left alone with all below it, the first process says it all. */
function isTopmostOf(spared: Tree['spared'], { ppid }: ProcessFact): boolean {
  return !spared.some(({ fact }) => fact.pid === ppid);
}
