import type { Logger } from '../../engine/ports';
import type { TokenFile } from '../../host/token';
import type { Door } from '../door';
import type { Station } from '../station';
import { createApp } from './app';

export interface ApiParts {
  station: Station;
  token: TokenFile;
  log: Logger;
  version: string;
  /** The built page; null: none is served. */
  pageFolder: string | null;
  /** Figures of other servers of this program, as text for Prometheus, for `/metrics`. */
  moreMetrics?(): Promise<string>;
}

const OWN_ADDRESS = '127.0.0.1';

/**
 * Open the local API on this machine alone. `port` 0: any that is free. Rejects with a sentence, and the system's own
 * `code` (EADDRINUSE), where it cannot be had.
 */
export async function openApi(parts: ApiParts, port: number): Promise<Door> {
  const app = await createApp(parts);
  try {
    await app.listen({ host: OWN_ADDRESS, port });
  } catch (error) {
    await app.close();
    throw inUse(error, port);
  }
  const address = app.server.address();
  const opened = typeof address === 'object' && address ? address.port : port;
  return { url: `http://${OWN_ADDRESS}:${opened}`, port: opened, close: () => app.close() };
}

function inUse(error: unknown, port: number): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return error;
  return Object.assign(new Error(`port ${port} is in use by another program`), { code: 'EADDRINUSE' });
}
