import { backtestBasis, backtestVerdict } from '../shared/backtest-words';
import { harmless } from '../shared/format';
import type { BacktestCase, BacktestReport } from '../shared/model';
import { columnsText } from './columns';
import type { Look } from './command';
import { SCHEMA, time } from './json';
import { localTime } from './log-text';
import { KIND_WORDS } from './table';

/** The verdict, what it rests on, every end that would have been made, and what cannot be told. Ends with a line break. */
export function backtestText(report: BacktestReport, look: Look): string {
  const parts = [
    `${backtestVerdict(report)}\n${backtestBasis(report, (source) => KIND_WORDS[source])}\n`,
    casesText('Wrongly', report.mistaken, look),
    casesText('Rightly', report.right, look),
    casesText('Nobody knows', report.undecided, look),
    report.limits.length ? `What cannot be told\n${report.limits.map((each) => `  ${each}\n`).join('')}` : '',
  ];
  return parts.filter(Boolean).join('\n');
}

function casesText(title: string, cases: BacktestCase[], look: Look): string {
  if (!cases.length) return '';
  const rows = cases.map(({ wouldEndAt, workerName, source, text }) => [
    localTime(wouldEndAt),
    harmless(workerName),
    KIND_WORDS[source],
    harmless(text),
  ]);
  return `${title}\n${columnsText(['Ended at', 'Worker', 'Kind', 'Why, and what became of it'], rows, look, ['Kind'])}`;
}

/** The answer of `idlewatch policy backtest --json`. */
export function backtestJson(report: BacktestReport): object {
  const cases = (all: BacktestCase[]) =>
    all.map(({ silentFrom, wouldEndAt, outcomeAt, ...rest }) => ({
      ...rest,
      silentFrom: time(silentFrom),
      wouldEndAt: time(wouldEndAt),
      outcomeAt: time(outcomeAt),
    }));
  const { since, until, mistaken, right, undecided, ...rest } = report;
  return {
    ...{ schema: SCHEMA, since: time(since), until: time(until), ...rest },
    ...{ mistaken: cases(mistaken), right: cases(right), undecided: cases(undecided) },
  };
}
