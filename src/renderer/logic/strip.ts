import { plural } from '../../shared/format';
import type { HealthStrip } from '../../shared/model';
import { formatMinute } from './words';

/** What a letter of a strip means, worst first. */
export const STRIP_WORDS = {
  d: 'dead',
  s: 'stalled',
  w: 'waiting for you',
  l: 'late',
  h: 'healthy',
  o: 'stopped or starting',
  '-': 'not watched',
} as const;
export type StripLetter = keyof typeof STRIP_WORDS;

/** Minutes that follow one another and are alike. */
export interface StripSpan {
  letter: StripLetter;
  /** Minutes from the left end. */
  from: number;
  length: number;
}

const MINUTE_MS = 60_000;
const CHANGES_TOLD = 6;

/** The strip as spans, oldest first; letters that are not known count as not watched. */
export function stripSpans(strip: HealthStrip): StripSpan[] {
  const spans: StripSpan[] = [];
  [...strip].forEach((character, minute) => {
    const letter = isLetter(character) ? character : '-';
    const last = spans.at(-1);
    if (last?.letter === letter) last.length += 1;
    else spans.push({ letter, from: minute, length: 1 });
  });
  return spans;
}

function isLetter(character: string): character is StripLetter {
  return Object.hasOwn(STRIP_WORDS, character);
}

/** `stalled 12 min, late 2 min, healthy 46 min`: how many minutes there were of each, the worst first. */
export function stripSums(strip: HealthStrip): string {
  const spans = stripSpans(strip);
  return Object.entries(STRIP_WORDS)
    .flatMap(([letter, word]) => {
      const minutes = spans.reduce((sum, span) => sum + (span.letter === letter ? span.length : 0), 0);
      return minutes ? [`${word} ${minutes} min`] : [];
    })
    .join(', ');
}

/** When what began, newest first: `from 14:12 stalled`; at most six. `at` is when the strip ended, wall clock. */
export function stripChanges(strip: HealthStrip, at: number): string[] {
  const spans = stripSpans(strip);
  const total = strip.length;
  const told = spans
    .slice(1)
    .reverse()
    .map(({ letter, from }) => `from ${formatMinute(at - (total - from) * MINUTE_MS, at)} ${STRIP_WORDS[letter]}`);
  const more = told.length - CHANGES_TOLD;
  return more > 0 ? [...told.slice(0, CHANGES_TOLD), `and ${plural(more, 'change', 'changes')} before`] : told;
}
