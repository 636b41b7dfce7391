import { formatBytes, harmless, plural } from '../shared/format';
import type { ReapPlan, ReapReceipt } from '../shared/model';
import { columnsText } from './columns';
import type { Look } from './command';

/** What would be removed and what stays. Ends with a line break. */
export function reapPlanText({ candidates, kept, totalBytes }: ReapPlan, look: Look): string {
  const rows = candidates.map(({ name, bytes, path, why }) => [
    harmless(name),
    size(bytes),
    harmless(path, 4_096),
    harmless(why),
  ]);
  const head = candidates.length
    ? `${plural(candidates.length, 'directory', 'directories')} to remove, ${formatBytes(totalBytes)}:\n`
    : 'Nothing to remove.\n';
  const table = candidates.length ? columnsText(['Name', 'Size', 'Directory', 'Why'], rows, look, ['Directory']) : '';
  const stays = kept.map(({ name, why }) => `  ${harmless(name)}: ${harmless(why)}\n`).join('');
  return `${head}${table}${stays && `\nKept:\n${stays}`}`;
}

/** What was removed. Ends with a line break. */
export function reapReceiptText({ summary, removed, failed }: ReapReceipt): string {
  const gone = removed.map(({ path, bytes }) => `  removed ${harmless(path, 4_096)} (${size(bytes)})\n`).join('');
  const left = failed.map(({ path, why }) => `  left ${harmless(path, 4_096)}: ${harmless(why, 1_000)}\n`).join('');
  return `${harmless(summary, 1_000)}\n${gone}${left}`;
}

function size(bytes: number | null): string {
  return bytes === null ? 'size unknown' : formatBytes(bytes);
}
