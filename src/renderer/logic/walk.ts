import type { Entry } from './entries';

/** The line a key leads to, or null for a key that does not walk. */
export function walkTarget(key: string, index: number, page: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return index + 1;
    case 'ArrowUp':
      return index - 1;
    case 'PageDown':
      return index + page;
    case 'PageUp':
      return index - page;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

/**
 * What an arrow to the side does on a line, as in a tree: to the right it opens what is folded away, then goes in; to
 * the left it folds away, then goes out. `{ to }`: go to that line; `{}`: open or close this one; null: nothing.
 */
export function foldStep(key: string, entries: readonly Entry[], index: number): { to?: number } | null {
  const entry = entries[index];
  if (!entry || (key !== 'ArrowRight' && key !== 'ArrowLeft')) return null;
  const open = isOpen(entry);
  if (key === 'ArrowRight') {
    if (open === null) return null;
    return open ? { to: index + 1 } : {};
  }
  if (open) return {};
  const outer = entries.slice(0, index).findLastIndex((other) => depthOf(other) < depthOf(entry));
  return outer < 0 ? null : { to: outer };
}

function isOpen(entry: Entry): boolean | null {
  return entry.type === 'group' ? entry.open : (entry.below?.open ?? null);
}

function depthOf(entry: Entry): number {
  return entry.type === 'group' ? -1 : entry.depth;
}
