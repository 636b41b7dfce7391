import type { Asker } from './model';

const WORDS: Record<Asker, string> = {
  window: 'from the window',
  tray: 'from the tray',
  cli: 'from the command line',
  api: 'through the API',
  policy: 'by the policy',
  supervisor: 'by its supervisor',
  test: 'by a test',
};

/** Behind `ended`, `removed` and the like: from where, or by whom. What another version wrote down stands as it is. */
export function askerWords(asker: string): string {
  return Object.hasOwn(WORDS, asker) ? WORDS[asker as Asker] : `by ${asker}`;
}

/** What was meant to be done to a worker, in words. */
export function intentWords({ askedBy, why }: { askedBy: string; why: string }): string {
  return `to be ended ${askerWords(askedBy)}${why && `: ${why}`}`;
}
