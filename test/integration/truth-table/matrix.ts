import type { Phase } from './play';
import { TRUTHS, type Verdict } from './world';

const VERDICTS: Verdict[] = [...TRUTHS, 'not shown'];
const ALARMS: Verdict[] = ['stuck', 'dead'];

/** Counts what was said against what was true. */
export interface Matrix {
  add(phase: Phase): void;
  /** Stretches of what was well in which it was ever called stuck or dead. */
  readonly falseAlarms: number;
  /** Stretches of what was stuck or dead that was called neither in time, or not to the end. */
  readonly missed: number;
  /** As a Markdown table: rows are the truth, columns what idlewatch said. */
  text(): string;
}

export function createMatrix(): Matrix {
  const counts = new Map<string, number>();
  const at = (truth: string, verdict: string) => counts.get(`${truth} ${verdict}`) ?? 0;
  let falseAlarms = 0;
  let missed = 0;
  return {
    add({ truth, verdict, lateAt, falseAlarms: alarms }) {
      counts.set(`${truth} ${verdict}`, at(truth, verdict) + 1);
      if (alarms.length) falseAlarms += 1;
      if (ALARMS.includes(truth) && (lateAt !== null || !ALARMS.includes(verdict))) missed += 1;
    },
    get falseAlarms() {
      return falseAlarms;
    },
    get missed() {
      return missed;
    },
    text() {
      const columns = VERDICTS.filter((verdict) => TRUTHS.some((truth) => at(truth, verdict) > 0));
      const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
      return [
        row(['a person says ↓ · idlewatch says →', ...columns]),
        row(['---', ...columns.map(() => '--:')]),
        ...TRUTHS.map((truth) => row([truth, ...columns.map((verdict) => at(truth, verdict) || '')])),
      ].join('\n');
    },
  };
}
