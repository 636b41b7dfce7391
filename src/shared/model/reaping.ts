import type { Asker } from './killing';
import type { SourceKind, WorkerId } from './source';

/** A finished worker whose directory may be removed. */
export interface ReapCandidate {
  workerId: WorkerId;
  source: SourceKind;
  name: string;
  path: string;
  /** What removing it frees; null where it could not be measured. */
  bytes: number | null;
  finishedAt: number;
  /** Why it may go, in words: finished how long ago, and how long finished ones are kept. */
  why: string;
}

/** What the reaper would remove, to show before anything is. */
export interface ReapPlan {
  planId: string;
  madeAt: number;
  /** Oldest finished first. */
  candidates: ReapCandidate[];
  /** Finished or not, what was looked at and stays, with the reason. */
  kept: { name: string; path: string; why: string }[];
  totalBytes: number;
}

/** What the reaper removed. */
export interface ReapReceipt {
  planId: string;
  askedBy: Asker;
  startedAt: number;
  tookMs: number;
  removed: { name: string; path: string; bytes: number | null }[];
  /** What could not be removed, or was left alone at the last look. */
  failed: { name: string; path: string; why: string }[];
  /** In a sentence. */
  summary: string;
}
