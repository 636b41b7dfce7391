import { checkOrphans } from '../../engine/act/orphans';
import { reconcile } from '../../engine/act/reconcile';
import { mayLive } from '../../engine/act/run-lives';
import { livenessOf } from '../../engine/observe/address';
import { isFinal, type LeaseHolder, type RunRecord, type RunRegistry } from '../../engine/run-registry';
import type { Machine } from '../../host/machine';
import { type Context, command, EXIT_WELL, type Given, UsageError } from '../command';
import { jsonText } from '../json';
import { openMachine } from '../machine';
import { holderWords, leaseJson, runsJson, runsText } from '../runs-text';

/** Finished runs that are shown without --all. */
const FINISHED_SHOWN = 20;

const OPTIONS = {
  all: { help: `All finished runs, not only the newest ${FINISHED_SHOWN}.` },
  release: { value: 'KEY', help: 'Give a key’s lease back by hand, after showing who holds it.' },
  yes: { help: 'With --release: do so without asking, also where the holder may live.' },
  json: { help: 'One JSON object instead of the table.' },
};
type RunsGiven = Given<keyof typeof OPTIONS>;

export const runs = command({
  name: 'runs',
  summary: 'the commands started with idlewatch run, and who holds which key',
  about: `Supervised runs: those that run and the orphaned first, then the finished, newest first; and the leases on keys.
Runs whose supervisor is gone are found out on the way.`,
  options: OPTIONS,
  settings: [],
  examples: {
    'idlewatch runs': 'what runs, what is orphaned, what finished last',
    'idlewatch runs --release nightly': 'give back the key of a run that cannot give it back itself',
  },
  exit: '0 well · 1 an error, or nothing was given back',
  async run(given, context) {
    const key = given.text('release');
    if (given.has('yes') && key === null) throw new UsageError('--yes belongs to --release KEY');
    const machine = openMachine(context);
    try {
      await broughtUpToDate(machine, context);
      if (key !== null) return await release(key, machine, given, context);
      const shown = shownOf(machine.runs.list(), given.has('all'));
      const leases = leasesOf(machine.runs);
      const now = machine.runs.now();
      context.out(
        given.has('json') ? jsonText(runsJson(shown, leases, now)) : runsText(shown, leases, now, context.look),
      );
      return EXIT_WELL;
    } finally {
      machine.close();
    }
  },
});

/** A registry that cannot be written can still be shown. */
async function broughtUpToDate({ runs, spool, processTable, log }: Machine, context: Context): Promise<void> {
  try {
    await reconcile(runs, spool, log);
    await checkOrphans({ runs, table: processTable });
  } catch (error) {
    context.warn(`the runs cannot be brought up to date: ${(error as Error).message}`);
  }
}

function shownOf(all: RunRecord[], everything: boolean): RunRecord[] {
  const open = all.filter(({ state }) => !isFinal(state));
  const finished = all.filter(({ state }) => isFinal(state)).sort((a, b) => (b.finishedAt ?? 0) - (a.finishedAt ?? 0));
  return [...open, ...(everything ? finished : finished.slice(0, FINISHED_SHOWN))];
}

function leasesOf(registry: RunRegistry): LeaseHolder[] {
  const keys = new Set(registry.list(['running', 'orphaned']).flatMap(({ key }) => key ?? []));
  return [...keys].flatMap((key) => registry.lease(key) ?? []);
}

async function release(key: string, machine: Machine, given: RunsGiven, context: Context): Promise<number> {
  const { runs, processTable } = machine;
  const holder = runs.lease(key);
  if (!holder) {
    const held = leasesOf(runs).map((lease) => lease.key);
    throw new Error(`nobody holds the key ${key}; ${held.length ? `held are ${held.join(', ')}` : 'none is held'}`);
  }
  const json = given.has('json');
  const liveness = livenessOf(processTable, holder);
  const run = runs.get(holder.runId);
  const outlived = liveness === 'gone' && run !== null && !isFinal(run.state) && mayLive(processTable, run);
  const words = `${key} is held ${holderWords(holder, runs.now(), liveness)}${outlived ? '; its command goes on' : ''}`;
  if (!json) context.out(`${words}\n`);
  if ((liveness !== 'gone' || outlived) && !given.has('yes')) {
    if (!context.ask || json) {
      throw new UsageError(`${words}: a second runner could start beside it; add --yes to give it back all the same`);
    }
    if (!(await context.ask('Give it back all the same? A second runner could start beside it.'))) {
      throw new Error('the lease was not given back');
    }
  }
  if (runs.lease(key)?.runId !== holder.runId || !runs.release(key)) {
    throw new Error(`${key} has changed hands meanwhile; nothing was given back`);
  }
  context.out(json ? jsonText({ released: leaseJson(holder) }) : `${key} was given back.\n`);
  return EXIT_WELL;
}
