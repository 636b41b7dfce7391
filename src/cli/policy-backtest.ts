import { createClock } from '../host/clock';
import { openJournal } from '../host/journal';
import { stateFolder } from '../host/state-folder';
import { type BacktestSpan, backtest } from '../server/backtest';
import type { BacktestReport } from '../shared/model';
import { backtestJson, backtestText } from './backtest-text';
import { type Context, EXIT_NEEDS_PERSON, EXIT_WELL, type Given } from './command';
import { jsonText } from './json';
import { settingsInForce } from './settings';
import { readSince } from './since';

/** `idlewatch policy backtest`: replay the record. */
export async function runBacktest(given: Given<'since' | 'json'>, context: Context): Promise<number> {
  const since = given.text('since');
  const tried = settingsInForce(context.environment, given.settings, context);
  const clock = createClock();
  const sinceAt = since === null ? 0 : readSince(since, 'since', clock.wallMs());
  const journal = openJournal(stateFolder(context.environment), context, clock);
  let report: BacktestReport;
  try {
    const begin = journal.since();
    const span: BacktestSpan = {
      since: begin === null ? null : Math.max(begin, sinceAt),
      until: clock.wallMs(),
      inForce: inForce(context),
    };
    report = backtest(journal.silences(sinceAt), tried, span);
  } finally {
    journal.close();
  }
  context.out(given.has('json') ? jsonText(backtestJson(report)) : backtestText(report, context.look));
  return report.mistaken.length ? EXIT_NEEDS_PERSON : EXIT_WELL;
}

/** Without the options; what is wrong in the file or the environment was told already. */
function inForce({ environment }: Context) {
  return settingsInForce(environment, {}, { warn: () => undefined });
}
