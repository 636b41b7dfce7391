import type { Look } from './command';
import { clip, padEnd, textWidth } from './text-width';

const GAP = '  ';
/** Less of the last column than this cannot be read. */
const LAST_MIN = 24;

/**
 * A plain table: titles, then rows; the last column takes what is left of the line. Where that is too little, the
 * columns of `narrowing` are left out, one after the other.
 */
export function columnsText(titles: string[], rows: string[][], look: Look, narrowing: string[] = []): string {
  const lines = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...lines.map((line) => textWidth(line[column] ?? ''))));
  const last = titles.length - 1;
  let shown = titles.map((_, column) => column);
  const rest = (): number => {
    const fixed = shown.slice(0, -1).reduce((sum, column) => sum + (widths[column] ?? 0) + GAP.length, 0);
    return look.columns === null ? Number.POSITIVE_INFINITY : look.columns - fixed;
  };
  for (const title of narrowing) {
    if (rest() >= LAST_MIN) break;
    shown = shown.filter((column) => titles[column] !== title);
  }
  const columns = Math.max(1, rest());
  const texts = lines.map((line) =>
    shown
      .map((column) =>
        column === last ? clip(line[column] ?? '', columns) : padEnd(line[column] ?? '', widths[column] ?? 0),
      )
      .join(GAP)
      .trimEnd(),
  );
  return `${texts.join('\n')}\n`;
}
