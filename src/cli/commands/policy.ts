import { createClock } from '../../host/clock';
import { openJournal } from '../../host/journal';
import { stateFolder } from '../../host/state-folder';
import { type BacktestSpan, backtest } from '../../server/backtest';
import type { BacktestReport } from '../../shared/model';
import { backtestJson, backtestText } from '../backtest-text';
import { type Context, command, EXIT_NEEDS_PERSON, EXIT_WELL } from '../command';
import { jsonText } from '../json';
import { settingsInForce } from '../settings';
import { readSince } from '../since';

export const policy = command({
  name: 'policy',
  summary: 'what ending stalled workers by itself would have done so far',
  about: `Replays the recorded silences of workers against the settings, or against those given here, and says which
workers would have been ended: wrongly, where they went on or finished well, or rightly, where they never came back.
Where no kind of worker is set to be ended, it tells of all as if they were. Changes nothing and needs no running engine.`,
  operand: { name: 'backtest', values: ['backtest'], help: 'Replay the record.' },
  options: {
    since: {
      value: 'WHEN',
      help: 'How far back: 7d, 12h, 30min, or a date such as 2026-11-22. Without it all that is kept.',
    },
    json: { help: 'The whole report as JSON.' },
  },
  settings: [
    'endingPolicy',
    'policyCheckIntervalMs',
    'heartbeat_missing_secs',
    'heartbeat_stale_secs',
    'command_timeout_secs',
    'session_stale_secs',
    'sessionMaxRunMinutes',
    'workbenchMaxRuntimeSecs',
    'keepAlive',
  ],
  examples: {
    'idlewatch policy backtest': 'the settings as they are',
    'idlewatch policy backtest --since 7d --heartbeat-missing-secs 120': 'other thresholds, over the last week',
    'idlewatch policy backtest --ending-policy \'{"workbench":{"action":"kill","afterSecs":600}}\'':
      'one kind alone, ended once it has been stalled for ten minutes',
  },
  exit: '0 nobody would have been ended wrongly · 2 somebody would have · 1 an error',
  async run(given, context) {
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
  },
});

/** Without the options; what is wrong in the file or the environment was told already. */
function inForce({ environment }: Context) {
  return settingsInForce(environment, {}, { warn: () => undefined });
}
