import type { WorkerRow } from '../../shared/model';
import { obstacleIn } from './policy-rules';
import type { PolicyOptions } from './policy-types';
import { wordsOf } from './words';

interface PolicyKill extends Pick<PolicyOptions, 'monitor' | 'killer' | 'clock' | 'audit'> {
  row: WorkerRow;
  killGraceMs: number;
  why: string;
  /** Asked at the last moment: why it must not be ended now after all; null: nothing is in the way. */
  obstacle(): string | null;
}

/** `done`: it was carried out, whatever came of it. `offer`: a person may. `withheld`: not now. */
export type PolicyKillResult =
  | { kind: 'done'; ended: boolean; why: string; summary: string }
  | { kind: 'offer'; reason: string }
  | { kind: 'withheld' };

/** Plan, decide, write the decision down, look once more, end. */
export async function endByPolicy(options: PolicyKill): Promise<PolicyKillResult> {
  const { monitor, killer, clock, audit, row, killGraceMs, why, obstacle } = options;
  const { id: workerId, name: workerName } = row;
  const plan = killer.plan(workerId, { killGraceMs });
  const hindered = obstacleIn(plan);
  if (hindered !== null) return { kind: 'offer', reason: `${why}. It is not ended automatically: ${hindered}` };
  const entry = { planId: plan.planId, workerId, workerName, why };
  try {
    await audit.append({ at: clock.wallMs(), kind: 'policy_decision', ...entry, killGraceMs });
    const reason = obstacle();
    if (reason !== null) {
      await audit.append({ at: clock.wallMs(), kind: 'policy_withheld', ...entry, reason });
      return { kind: 'withheld' };
    }
  } catch (error) {
    return { kind: 'offer', reason: `${why}. It is not ended automatically: ${wordsOf(error)}` };
  }
  monitor.noteEvent('policy', workerId, `It is being ended automatically: ${why}`);
  const answer = await killer.execute(plan.planId, { acceptShared: false, askedBy: 'policy', why });
  if (!answer.ok) return { kind: 'offer', reason: `${why}. It could not be ended automatically: ${answer.reason}` };
  return { kind: 'done', ended: answer.receipt.ended, why, summary: answer.receipt.summary };
}
