import type { WorkerId } from './source';

/** What the policy tells a person, as a notification. */
export interface PolicyMessage {
  title: string;
  body: string;
  /** Whom it is about; null: several workers, or the whole. */
  workerId: WorkerId | null;
  /** Something was done to a worker: told at any hour. */
  done?: true;
}

/** What the policy may do by itself now. */
export interface PolicyStatus {
  /** Some source is set to `kill`: workers may be ended without a person. */
  armed: boolean;
  /** Why nothing is ended automatically for now (wake-up, an overloaded machine), in words; null where nothing forbids it. */
  heldBack: string | null;
  /** The circuit breaker is open: nothing is ended automatically until a person closes it or all has been quiet. */
  breaker: { openedAt: number; reason: string } | null;
}
