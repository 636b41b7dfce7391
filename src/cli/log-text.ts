import type { AuditEntry } from '../engine/ports';
import type { UnfinishedKill } from '../engine/run-registry';
import { askerWords } from '../shared/asker-words';
import { harmless } from '../shared/format';

/** One line for each entry, then what was never brought to an end. Ends with a line break. */
export function logText(entries: AuditEntry[], unfinished: UnfinishedKill[]): string {
  if (!entries.length) return 'Nothing was ended or removed yet.\n';
  const lines = entries.map((entry) => `${localTime(entry.at)}  ${harmless(wordsOf(entry), 1_000)}`);
  const cutShort = unfinished.map(
    ({ at, workerName, askedBy, pids }) =>
      `  ${localTime(at)}  ${harmless(workerName)} (pid ${pids.join(', ')}; ${harmless(askerWords(askedBy))})`,
  );
  const tail = cutShort.length ? ['', 'Begun and cut short, what became of it is not known:', ...cutShort] : [];
  return `${[...lines, ...tail].join('\n')}\n`;
}

/** Entries are kept as they were written, by whatever version: what is not known is told by its kind. */
function wordsOf({ kind, receipt, ...entry }: AuditEntry): string {
  const { summary, askedBy, why } = { ...entry, ...(receipt as object | undefined) } as Record<string, unknown>;
  const who = askedBy && askerWords(String(askedBy));
  const parts = [summary ?? nameOf(entry), entry.reason ?? why, who].filter(Boolean);
  return [kind.replaceAll('_', ' '), ...parts].join(' · ');
}

function nameOf({ workerName, candidates }: Record<string, unknown>): unknown {
  if (!Array.isArray(candidates)) return workerName;
  return candidates.map(({ name }) => name).join(', ') || 'nothing';
}

/** `2026-11-22 07:45:03`, by the clock on the wall. */
export function localTime(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
