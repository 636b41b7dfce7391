import type { Http } from '../ports';
import { OpenCodeApi, parseAddress } from '../sources/opencode/api';
import type { SessionAbort } from '../sources/source';

/** Servers in which sessions live, as far as ending a session needs them. Never rejects. */
export interface SessionServers {
  /** Ask for the session's work to be ended. That it agrees says little: whether it is at work has to be asked. */
  abort(session: SessionAbort): Promise<{ ok: true } | { ok: false; reason: string }>;
  /** Ids of the sessions of its server that are at work in these directories. */
  busy(
    session: SessionAbort,
    directories: readonly string[],
  ): Promise<{ ok: true; ids: string[] } | { ok: false; reason: string }>;
}

export function createSessionServers(http: Http): SessionServers {
  const apiOf = ({ server }: SessionAbort) => {
    const address = parseAddress(server);
    return address && new OpenCodeApi(http, address);
  };
  const noAddress = { ok: false as const, reason: 'its server has no address' };
  return {
    async abort(session) {
      const api = apiOf(session);
      if (!api) return noAddress;
      const answer = await api.abort(session.sessionId, session.directory);
      return answer.ok ? { ok: true } : { ok: false, reason: answer.fault };
    },
    async busy(session, directories) {
      const api = apiOf(session);
      if (!api) return noAddress;
      const answers = await Promise.all(directories.map((directory) => api.statuses(directory)));
      const ids: string[] = [];
      for (const answer of answers) {
        if (!answer.ok) return { ok: false, reason: answer.fault };
        for (const [id, { type }] of answer.value) if (type !== 'idle') ids.push(id);
      }
      return { ok: true, ids };
    },
  };
}
