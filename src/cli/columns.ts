import type { Look } from './command';
import { clip, padEnd, textWidth } from './text-width';

const GAP = '  ';

/** A plain table: titles, then rows; the last column takes what is left of the line. */
export function columnsText(titles: string[], rows: string[][], look: Look): string {
  const lines = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...lines.map((line) => textWidth(line[column] ?? ''))));
  const last = titles.length - 1;
  const fixed = widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, 0);
  const rest = look.columns === null ? Number.POSITIVE_INFINITY : Math.max(1, look.columns - fixed);
  const shown = lines.map((line) =>
    line
      .map((text, column) => (column === last ? clip(text, rest) : padEnd(text, widths[column] ?? 0)))
      .join(GAP)
      .trimEnd(),
  );
  return `${shown.join('\n')}\n`;
}
