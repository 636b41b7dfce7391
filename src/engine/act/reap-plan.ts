import { formatBytes, formatDuration, harmless } from '../../shared/format';
import type { ReapCandidate, ReapPlan } from '../../shared/model';
import type { Settings } from '../../shared/settings';
import type { Leftover } from '../sources/source';

/** One leftover with what was asked about it. */
export interface LookedAt {
  leftover: Leftover;
  /** What it takes up; null where it could not be measured. */
  bytes: number | null;
  /** Why it must stay whatever its age; null where it is finished. */
  mustStay: string | null;
}

/** Why a candidate may go: its time has passed, or all of them together take up more than they may. */
export type ReapGround = 'ttl' | 'cap';

export interface ReapDecision {
  plan: ReapPlan;
  /** Of each candidate, by its worker. */
  grounds: Map<string, { leftover: Leftover; ground: ReapGround }>;
}

interface PlanInput {
  planId: string;
  madeAt: number;
  lookedAt: LookedAt[];
  settings: Pick<Settings, 'leftoversMaxMB'>;
}

const MB = 1024 * 1024;

/**
 * What may be removed, oldest finished first: what is past its TTL; then, while the rest takes up more than
 * `leftoversMaxMB`, the oldest of it. What cannot be measured counts as nothing and is not removed for its size.
 */
export function planReap({ planId, madeAt, lookedAt, settings }: PlanInput): ReapDecision {
  const capBytes = settings.leftoversMaxMB === null ? null : settings.leftoversMaxMB * MB;
  const kept: ReapPlan['kept'] = [];
  const chosen: (LookedAt & { ground: ReapGround; why: string })[] = [];
  const keep = ({ leftover }: LookedAt, why: string) =>
    kept.push({ name: leftover.name, path: leftover.path, why: harmless(why, 500) });

  const rest: LookedAt[] = [];
  for (const one of [...lookedAt].sort(oldestFirst)) {
    if (one.mustStay !== null) keep(one, one.mustStay);
    else if (isPastTtl(one.leftover)) chosen.push({ ...one, ground: 'ttl', why: ageWords(one.leftover) });
    else rest.push(one);
  }

  let leftBytes = sum(rest);
  for (const one of rest) {
    const isOver = capBytes !== null && leftBytes > capBytes;
    if (isOver && one.bytes !== null && one.bytes > 0) {
      const why = `${ageWords(one.leftover)}; but finished ones take up ${formatBytes(leftBytes)} and may take up ${formatBytes(capBytes)}, and it is the oldest.`;
      chosen.push({ ...one, ground: 'cap', why });
      leftBytes -= one.bytes;
    } else {
      keep(one, ageWords(one.leftover) + (isOver ? '; how much it takes up cannot be told' : ''));
    }
  }

  const plan: ReapPlan = {
    planId,
    madeAt,
    candidates: chosen.sort(oldestFirst).map(toCandidate),
    kept,
    totalBytes: sum(chosen),
  };
  return { plan, grounds: new Map(chosen.map(({ leftover, ground }) => [leftover.workerId, { leftover, ground }])) };
}

/** An age from the future reads as 0. */
export function isPastTtl({ finishedAgeMs, ttlMs }: Leftover): boolean {
  return Math.max(0, finishedAgeMs) >= ttlMs;
}

function toCandidate({ leftover, bytes, why }: LookedAt & { why: string }): ReapCandidate {
  const { workerId, source, name, path, finishedAt } = leftover;
  return { workerId, source, name, path, bytes, finishedAt, why };
}

function ageWords({ finishedAgeMs, ttlMs }: Leftover): string {
  return `finished ${formatDuration(finishedAgeMs)} ago, kept for ${formatDuration(ttlMs)}`;
}

function oldestFirst(a: LookedAt, b: LookedAt): number {
  return a.leftover.finishedAt - b.leftover.finishedAt || (a.leftover.path < b.leftover.path ? -1 : 1);
}

function sum(list: LookedAt[]): number {
  return list.reduce((total, { bytes }) => total + (bytes ?? 0), 0);
}
