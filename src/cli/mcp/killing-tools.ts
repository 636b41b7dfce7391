import { z } from 'zod';
import { findWorker } from '../find-worker';
import type { McpDesks } from './desk';
import { workerWord } from './looking-tools';
import type { AddTool } from './tool';

/** `plan_kill`, which signals nothing, and only where it is allowed `kill_worker`. */
export function addKillingTools(add: AddTool, desks: McpDesks, mayKill: boolean): void {
  const shown = new Set<string>();
  add(
    'plan_kill',
    {
      title: 'Plan an end',
      description: `What ending a worker would do: every process that would be signalled, what is left alone, who else would
end with it. Signals nothing.${mayKill ? ' Its planId is what kill_worker takes, for five minutes.' : ''}`,
      input: { worker: workerWord },
    },
    ({ worker }) =>
      desks.ask(async (desk) => {
        const plan = await desk.plan(findWorker((await desk.snapshot()).workers, worker).id);
        shown.add(plan.planId);
        return plan;
      }),
  );
  if (!mayKill) return;
  add(
    'kill_worker',
    {
      title: 'End a worker',
      description: `Carry out a plan that plan_kill has shown: SIGTERM, a grace, SIGKILL, and a last look. The identity of each
process is checked before each signal. Ask the person first. Answers with the receipt.`,
      input: {
        planId: z.string().max(200).describe('Of a plan that plan_kill has shown here. It is good for one end.'),
        acceptShared: z
          .boolean()
          .optional()
          .describe('Go ahead also where other workers live in the same processes and end too.'),
      },
      destructive: true,
    },
    ({ planId, acceptShared }) =>
      desks.ask(async (desk) => {
        if (!shown.has(planId)) throw new Error('no such plan was shown here; ask plan_kill for one and read it first');
        const answer = await desk.execute(planId, acceptShared ?? false);
        if (!answer.ok) throw new Error(answer.reason);
        shown.delete(planId);
        return answer.receipt;
      }),
  );
}
