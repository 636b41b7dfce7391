import type { Killer } from '../../engine/act/kill';
import type { KillPlan, WorkerRow } from '../../shared/model';
import type { Settings } from '../../shared/settings';
import { type Context, command, EXIT_ERROR, EXIT_WELL, type Given } from '../command';
import { DIRECTORY_OPTIONS, givenDirectories } from '../directories';
import { findWorker } from '../find-worker';
import { jsonText } from '../json';
import { planText, questionFor, receiptText } from '../kill-text';
import { readSetting } from '../options';
import { settingsInForce } from '../settings';
import { type Wanted, wantedOf } from '../wanted';
import { openWorkshop } from '../workshop';

const OPTIONS = {
  ...DIRECTORY_OPTIONS,
  'dry-run': { help: 'Show the plan and signal nothing.' },
  yes: { help: 'Carry it out without asking.' },
  'accept-shared': { help: 'Go ahead also where it ends other workers that live in the same processes.' },
  grace: { value: 'MS', help: 'Time between SIGTERM and SIGKILL, in place of the setting killGraceMs.' },
  json: { help: 'With --dry-run the plan, with --yes the receipt, as JSON.' },
};
type KillGiven = Given<keyof typeof OPTIONS>;

export const kill = command({
  name: 'kill',
  summary: 'end a worker: its processes and nothing else',
  about: `End a worker: SIGTERM, a grace, SIGKILL, and a last look that nothing is left. Shows the plan and asks first.
Directories given are looked in beside those that status looks in by itself: whoever else has a process near is known.`,
  operand: {
    name: 'ID',
    completed: 'worker',
    help: 'A worker’s id (idlewatch status --json has it), or its name where no other worker that has not stopped has it.',
  },
  options: OPTIONS,
  settings: [],
  examples: {
    'idlewatch kill coder-3': 'show what would be ended, ask, and end it',
    'idlewatch kill coder-3 --dry-run': 'show it and signal nothing',
    'idlewatch kill coder-3 --yes --grace 10000': 'end it without asking, with 10 s to clean up',
  },
  exit: `0 nothing of it is left (with --dry-run: the plan can be carried out) ·
  1 something is left, it was refused, or an error`,
  async run(given, context) {
    const wanted = wantedOf(given, context, 'end it');
    const settings = settingsInForce(context.environment, graceIn(given), context);
    const workshop = await openWorkshop(settings, givenDirectories(given, context), context);
    try {
      const worker = findWorker(workshop.monitor.snapshot().workers, given.operand);
      return await carryOut({ killer: workshop.killer, worker, wanted, given, context });
    } finally {
      workshop.close();
    }
  },
});

function graceIn(given: KillGiven): Partial<Settings> {
  const grace = given.text('grace');
  return grace === null ? {} : { killGraceMs: readSetting('killGraceMs', grace, 'grace') as number };
}

interface Deed {
  killer: Killer;
  worker: WorkerRow;
  wanted: Wanted;
  given: KillGiven;
  context: Context;
}

async function carryOut({ killer, worker, wanted, given, context }: Deed): Promise<number> {
  const plan = killer.plan(worker.id);
  const acceptShared = given.has('accept-shared');
  const refusal = refusalOf(plan, acceptShared);
  if (wanted === 'plan') {
    context.out(given.has('json') ? jsonText(plan) : planText(plan, worker));
    if (refusal !== null && plan.refused === null) context.warn(refusal);
    return refusal === null ? EXIT_WELL : EXIT_ERROR;
  }
  if (wanted === 'question') context.out(planText(plan, worker));
  if (refusal !== null) throw new Error(refusal);
  if (wanted === 'question' && !(await context.ask?.(questionFor(plan)))) {
    throw new Error('nothing was signalled');
  }
  const answer = await context.uninterrupted(`ending ${worker.name}`, () =>
    killer.execute(plan.planId, { acceptShared, askedBy: 'cli', why: worker.reason }),
  );
  if (!answer.ok) throw new Error(answer.reason);
  context.out(given.has('json') ? jsonText(answer.receipt) : receiptText(answer.receipt));
  return answer.receipt.ended ? EXIT_WELL : EXIT_ERROR;
}

function refusalOf({ refused, sharedWith }: KillPlan, acceptShared: boolean): string | null {
  if (refused !== null) return refused;
  if (!sharedWith.length || acceptShared) return null;
  const names = sharedWith.map(({ name }) => name).join(', ');
  return `it would end other workers too: ${names}; add --accept-shared to go ahead`;
}
