import type { ProcessFact, ProcessTable } from '../../ports';

/** A program that may be an OpenCode server: it is called so, is this user's, and listens where it can be reached from here. */
export interface Listening {
  /** As it stands in an address. */
  host: string;
  port: number;
  process: ProcessFact;
  /** Its home directory is not the one idlewatch has: somebody's sandbox, watched where it is named. */
  isElsewhere: boolean;
}

export type Discovery = { listening: Listening[]; fault: string | null };

const NAME = /^opencode(\.exe)?$/;
/** By where a program listens: how it is reached from here. */
const HOSTS: Record<string, string> = {
  '127.0.0.1': '127.0.0.1',
  '0.0.0.0': '127.0.0.1',
  '::': '127.0.0.1',
  '::1': '[::1]',
};

/** Look for OpenCode servers of this user. `fault`: why there may be more. */
export function findListening(table: ProcessTable): Discovery {
  const listed = table.list();
  if (!listed.ok) return { listening: [], fault: listed.reason };
  const { uid, pid } = table.self();
  const home = table.environmentValue(pid, 'HOME');
  const listening: Listening[] = [];
  let fault: string | null = null;
  for (const process of listed.processes) {
    if (!NAME.test(process.name) || process.uid !== uid) continue;
    const isElsewhere = !isSame(home, table.environmentValue(process.pid, 'HOME'));
    const sockets = table.sockets(process.pid);
    if (!sockets && !isElsewhere && table.inspect(process.pid).liveness === 'alive') {
      fault = `whether process ${process.pid} (opencode) is a server cannot be told: its connections cannot be read`;
    }
    for (const { state, localAddress, localPort } of sockets ?? []) {
      const host = HOSTS[localAddress];
      if (state === 'listening' && host) listening.push({ host, port: localPort, process, isElsewhere });
    }
  }
  return { listening, fault };
}

/** What cannot be read is no difference. */
function isSame(home: string | null, other: string | null): boolean {
  return home === null || other === null || home === other;
}
