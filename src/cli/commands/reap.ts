import type { Reaper } from '../../engine/act/reap';
import { plural } from '../../shared/format';
import type { ReapPlan } from '../../shared/model';
import { type Context, command, EXIT_ERROR, EXIT_WELL, type Given } from '../command';
import { DIRECTORY_OPTIONS, givenDirectories } from '../directories';
import { jsonText } from '../json';
import { reapPlanText, reapReceiptText } from '../reap-text';
import { settingsInForce } from '../settings';
import { type Wanted, wantedOf } from '../wanted';
import { openWorkshop } from '../workshop';

const OPTIONS = {
  ...DIRECTORY_OPTIONS,
  'dry-run': { help: 'List what would be removed, why, and how many bytes; remove nothing.' },
  yes: { help: 'Remove it without asking.' },
  json: { help: 'With --dry-run the plan, with --yes the receipt, as JSON.' },
};
type ReapGiven = Given<keyof typeof OPTIONS>;

export const reap = command({
  name: 'reap',
  summary: 'remove what finished workbenches and runs left behind',
  about: `Remove the directories of workbenches and supervised runs that finished longer ago than they are kept. Lists them
and asks first. Each is looked at once more before it goes.`,
  options: OPTIONS,
  settings: ['workbenchTtlSecs', 'runTtlSecs', 'leftoversMaxMB'],
  examples: {
    'idlewatch reap --dry-run': 'what would go, why, and how many bytes',
    'idlewatch reap --yes --run-ttl-secs 3600': 'remove runs that finished over an hour ago, without asking',
  },
  exit: '0 all that was listed is gone (with --dry-run: it could be listed) · 1 something stayed, or an error',
  async run(given, context) {
    const wanted = wantedOf(given, context, 'remove it');
    const settings = settingsInForce(context.environment, given.settings, context);
    const workshop = await openWorkshop(settings, givenDirectories(given, context), context);
    try {
      return await carryOut({ plan: await workshop.reaper.plan(), reaper: workshop.reaper, wanted, given, context });
    } finally {
      workshop.close();
    }
  },
});

interface Deed {
  plan: ReapPlan;
  reaper: Reaper;
  wanted: Wanted;
  given: ReapGiven;
  context: Context;
}

async function carryOut({ plan, reaper, wanted, given, context }: Deed): Promise<number> {
  const json = given.has('json');
  const count = plan.candidates.length;
  const isNothing = count === 0 && !json;
  if (wanted !== 'deed' || isNothing) context.out(json ? jsonText(plan) : reapPlanText(plan, context.look));
  if (wanted === 'plan' || isNothing) return EXIT_WELL;
  const what = count === 1 ? 'this directory' : `these ${count} directories`;
  if (wanted === 'question' && !(await context.ask?.(`Remove ${what}?`))) throw new Error('nothing was removed');
  const answer = await context.uninterrupted(`removing ${plural(count, 'directory', 'directories')}`, () =>
    reaper.execute(plan.planId, { askedBy: 'cli' }),
  );
  if (!answer.ok) throw new Error(answer.reason);
  context.out(json ? jsonText(answer.receipt) : reapReceiptText(answer.receipt));
  return answer.receipt.failed.length ? EXIT_ERROR : EXIT_WELL;
}
