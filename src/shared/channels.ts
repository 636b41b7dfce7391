import type { PushName } from './ipc';

/**
 * The names the contract of ipc.ts travels under, so that nothing else of the window's is ever heard. Apart from it
 * because the sandboxed preload needs the names and must not carry the schemas.
 */
export const COMMAND_CHANNEL = 'idlewatch:command';
export const pushChannel = (name: PushName): string => `idlewatch:push:${name}`;

const pushes: Record<PushName, true> = {
  delta: true,
  select: true,
  askKill: true,
  askReap: true,
  settings: true,
  lost: true,
};
/** Every push there is. */
export const PUSH_NAMES = Object.keys(pushes) as PushName[];
