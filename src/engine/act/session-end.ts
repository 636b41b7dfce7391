import { harmless } from '../../shared/format';
import type { Multiplexer, SessionListing, TerminalSession } from '../ports';

/** Where a worker's tmux session stands, asked just before it is ended. */
export type SessionNow =
  | { state: 'there'; session: TerminalSession }
  | { state: 'renamed'; name: string }
  | { state: 'gone' }
  | { state: 'unknown'; reason: string };

/** What became of a tmux session. */
export interface SessionEnd {
  /** It is known not to be there any more. */
  ended: boolean;
  /** A sentence. */
  words: string;
}

const NO_TMUX = 'tmux cannot be asked here';

/** Find the very session again among those there are now: by id, server and time, never by the name alone. */
export async function findSession(multiplexer: Multiplexer | null, session: TerminalSession): Promise<SessionNow> {
  const listed = await listSessions(multiplexer);
  if (!listed.ok) return { state: 'unknown', reason: listed.reason };
  const found = listed.sessions.find((other) => isSameSession(other, session));
  if (!found) return { state: 'gone' };
  return found.name === session.name
    ? { state: 'there', session: found }
    : { state: 'renamed', name: harmless(found.name) };
}

/** End exactly this session; null, or why it was not ended. Never rejects. */
export async function endSession(multiplexer: Multiplexer | null, session: TerminalSession): Promise<string | null> {
  try {
    const answer = (await multiplexer?.endSession(session)) ?? { ok: false as const, reason: NO_TMUX };
    return answer.ok ? null : answer.reason;
  } catch (error) {
    return String(error);
  }
}

/** Say what became of it, by what is listed now. `before` is where it stood, `failure` what went wrong in ending it. */
export async function lookForSession(
  multiplexer: Multiplexer | null,
  session: TerminalSession,
  before: SessionNow,
  failure: string | null,
): Promise<SessionEnd> {
  const name = harmless(session.name);
  const now = await findSession(multiplexer, session);
  const because = failure === null ? '' : `: ${failure}`;
  if (now.state === 'there' || now.state === 'renamed') {
    return { ended: false, words: `The tmux session ${name} is still there${because}.` };
  }
  if (now.state === 'unknown') {
    return { ended: false, words: `Whether the tmux session ${name} has ended is not known: ${now.reason}.` };
  }
  if (before.state === 'gone') return { ended: true, words: `The tmux session ${name} had ended before.` };
  return { ended: true, words: `The tmux session ${name} has ended.` };
}

/** The very same session, whatever it is called. */
export function isSameSession(a: TerminalSession, b: TerminalSession): boolean {
  return a.id === b.id && a.serverPid === b.serverPid && a.createdAt === b.createdAt;
}

async function listSessions(multiplexer: Multiplexer | null): Promise<SessionListing> {
  try {
    return (await multiplexer?.sessions()) ?? { ok: false, reason: NO_TMUX };
  } catch (error) {
    return { ok: false, reason: String(error) };
  }
}
