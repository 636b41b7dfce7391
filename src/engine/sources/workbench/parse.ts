import type { HowEnded } from '../source';

/** What the names and small files of workbenches say. Pure: text in, facts out. */

/** A workbench's directory by its name. */
export interface WorkbenchName {
  slug: string;
  /** When its run was triggered, milliseconds since the epoch. */
  triggeredAt: number;
}

// `{slug}-{unix seconds}` or `{slug}-{unix seconds}_{pid}`. A slug has no spaces and hides nothing.
const NAME = /^([^\s.]\S*)-(\d{1,12})(?:_\d{1,10})?$/;
// Of these tmux makes something else in names than of dots and colons: no session could be told by such a name.
const NO_SLUG = /[\p{Cc}\\\ufffd]/u;
/** Numbers below (September 2001) are somebody's own numbering. */
const FIRST_TIME_AT = 1_000_000_000_000;

/** Null: it is no workbench, and nothing of it may be touched. */
export function parseWorkbenchName(name: string): WorkbenchName | null {
  const [, slug, seconds] = NAME.exec(name) ?? [];
  if (slug === undefined || NO_SLUG.test(slug)) return null;
  return { slug, triggeredAt: Number(seconds) * 1000 };
}

/** Whether the number in the name can be a time at all: what is removed must be beyond doubt. */
export function isPlausibleTime({ triggeredAt }: WorkbenchName): boolean {
  return triggeredAt >= FIRST_TIME_AT;
}

/** What tmux calls the session of a workbench: it makes `_` of dots and colons. */
export function sessionNameOf(directoryName: string): string {
  return `moadim-${directoryName.replace(/[.:]/g, '_')}`;
}

/** How a run ended, by its `exit_code`: a number, `killed`, or null where it says neither. */
export function parseExitCode(text: string): number | 'killed' | null {
  const said = text.trim();
  if (said === 'killed') return 'killed';
  return /^\d{1,3}$/.test(said) ? Number(said) : null;
}

/** Of a workbench whose session is gone. */
export function howEnded(exitCode: number | 'killed' | null): HowEnded {
  if (exitCode === null) return 'gone';
  if (exitCode === 'killed') return 'ended';
  return exitCode === 0 ? 'finished' : 'failed';
}

/** In words, for a workbench whose session is gone. */
export function endInWords(exitCode: number | 'killed' | null): string {
  if (exitCode === 'killed') return 'Was ended before it had finished';
  if (exitCode === null) return 'Its session has ended';
  return exitCode === 0 ? 'Finished' : `Finished with exit code ${exitCode}`;
}
