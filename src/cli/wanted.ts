import { type Context, type Given, UsageError } from './command';

/** Whether to show what would be done, to do it, or to ask a person first. */
export type Wanted = 'plan' | 'deed' | 'question';

/** What `--dry-run` and `--yes` want, of a deed in words. Throws a UsageError where there is nobody to ask. */
export function wantedOf(given: Given<'dry-run' | 'yes' | 'json'>, { ask }: Context, deed: string): Wanted {
  if (given.has('dry-run') && given.has('yes')) throw new UsageError('--dry-run and --yes exclude each other');
  if (given.has('dry-run')) return 'plan';
  if (given.has('yes')) return 'deed';
  const add = `add --dry-run to see the plan or --yes to ${deed}`;
  if (given.has('json')) throw new UsageError(`--json asks nobody; ${add}`);
  if (!ask) throw new UsageError(`there is no terminal to ask on; ${add}`);
  return 'question';
}
