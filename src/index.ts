/** idlewatch as a library, for plain Node.js. Importing it starts nothing. */
export type { MemoStats } from './engine/memo/stats';
export type { IdleStateSnapshot } from './engine/observe/idle-state-service';
export type { OpenAIClient } from './engine/openai/client';
export type { Clock, Logger, OwnMemory } from './engine/ports';
export {
  createIdleManager,
  type IdleManager,
  type IdleManagerOptions,
  type IdleManagerStats,
} from './library/idle-manager';
export {
  createIdleStateService,
  type IdleStateService,
  type IdleStateServiceOptions,
} from './library/idle-state-service';
export type { IdleStats } from './shared/model';
