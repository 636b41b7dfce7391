import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { CommandArgs, CommandName, CommandResult, Focus, Reply } from '../../shared/ipc';

/** The session has ended, or never began: the person has to sign in. */
export class SignedOut extends Error {}

/** The header of the session's key; the cookie beside it goes by itself. */
const KEY_HEADER = 'x-idlewatch-page';
/** The server says at least so often that it is there; a tunnel that broke says nothing. */
const SILENCE_MAX_MS = 45_000;

export interface PageApiOptions {
  /** `http://127.0.0.1:4747`. */
  origin: string;
  /** Of the session; null: nobody has signed in. */
  key: string | null;
  fetch: typeof fetch;
}

/** The API the page came from, as far as the page asks it. Everything rejects in words, or with SignedOut. */
export interface PageApi {
  /** Begin a session; resolves with its key. */
  signIn(token: string): Promise<string>;
  signOut(): Promise<void>;
  invoke<C extends CommandName>(name: C, args: CommandArgs<C>): Promise<CommandResult<C>>;
  focus(viewer: string, focus: Focus): Promise<void>;
  /** Follow the stream until it ends or is aborted; it never ends well. */
  follow(onEvent: (event: EventSourceMessage) => void, signal: AbortSignal): Promise<never>;
}

export function createPageApi({ origin, key, fetch }: PageApiOptions): PageApi {
  const headers = { 'x-idlewatch-asked-by': 'window', ...(key !== null && { [KEY_HEADER]: key }) };

  async function ask(path: string, init: RequestInit): Promise<Response> {
    const answer = await fetch(`${origin}${path}`, { ...init, headers: { ...headers, ...init.headers } }).catch(
      (error: Error) => {
        if (error.name === 'AbortError') throw error;
        throw new Error('no answer came from idlewatch');
      },
    );
    if (answer.ok) return answer;
    const words = await refusalWords(answer);
    throw answer.status === 401 ? new SignedOut(words) : new Error(words);
  }

  async function post(path: string, body: unknown): Promise<unknown> {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await ask(path, init);
    return answer.json().catch(() => {
      throw new Error('the answer of idlewatch broke off');
    });
  }

  return {
    async signIn(token) {
      const { key: given } = (await post('/api/sign-in', { token })) as { key: string };
      return given;
    },
    async signOut() {
      await post('/api/sign-out', {});
    },
    async invoke<C extends CommandName>(name: C, args: CommandArgs<C>) {
      const reply = (await post(`/api/desk/${name}`, args)) as Reply<CommandResult<C>>;
      if (!reply.ok) throw new Error(reply.message);
      return reply.value;
    },
    async focus(viewer, focus) {
      await post('/api/desk/focus', { viewer, focus });
    },
    async follow(onEvent, signal) {
      const silence = new AbortController();
      const either = AbortSignal.any([signal, silence.signal]);
      let timer = setTimeout(() => silence.abort(), SILENCE_MAX_MS);
      try {
        const answer = await ask('/api/desk/stream', { headers: { accept: 'text/event-stream' }, signal: either });
        await readEvents(answer, onEvent, () => {
          clearTimeout(timer);
          timer = setTimeout(() => silence.abort(), SILENCE_MAX_MS);
        });
      } catch (error) {
        if (silence.signal.aborted) throw new Error('idlewatch says nothing any more');
        throw error;
      } finally {
        clearTimeout(timer);
      }
      throw new Error('idlewatch has closed the connection');
    },
  };
}

async function readEvents(
  answer: Response,
  onEvent: (event: EventSourceMessage) => void,
  onBytes: () => void,
): Promise<void> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  const parser = createParser({ onEvent });
  for (;;) {
    const piece = await reader.read().catch((error: Error) => {
      if (error.name === 'AbortError') throw error;
      throw new Error('the connection to idlewatch broke off');
    });
    if (piece.done) return;
    onBytes();
    parser.feed(piece.value);
  }
}

/** What a refusal says: every one of the API's has a sentence. */
async function refusalWords(answer: Response): Promise<string> {
  const body = (await answer.json().catch(() => null)) as { error?: { message?: unknown } } | null;
  const words = body?.error?.message;
  return typeof words === 'string' ? words : `idlewatch answers with HTTP ${answer.status}`;
}
