import { optionName, type SettingKey } from '../../shared/settings';
import { command, type Given, UsageError } from '../command';
import { runBacktest } from '../policy-backtest';
import { closeBreaker, showPolicy } from '../policy-now';

const OPTIONS = {
  since: {
    value: 'WHEN',
    help: 'Of backtest, how far back: 7d, 12h, 30min, or a date such as 2026-11-22. Without it all that is kept.',
  },
  json: { help: 'Of status and backtest: the whole as one JSON object.' },
};
type PolicyGiven = Given<keyof typeof OPTIONS>;

export const policy = command({
  name: 'policy',
  summary: 'what is done by itself about stalled workers, now and in the recorded past',
  about: `status tells what happens to each kind of worker, and what keeps it from happening. close closes the circuit
breaker, which stops all that while many stall at once. Both ask the engine that runs, in the app or in idlewatch serve.

backtest replays the recorded silences of workers against the settings, or against those given here, and says which
workers would have been ended: wrongly, where they went on or finished well, or rightly, where they never came back.
Where no kind of worker is set to be ended, it tells of all as if they were. Changes nothing and needs no running engine.`,
  operand: {
    name: 'WHAT',
    values: ['status', 'close', 'backtest'],
    help: 'How it stands; allow it again after the circuit breaker opened; replay the record.',
  },
  options: OPTIONS,
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
    'idlewatch policy status': 'what happens by itself, and why nothing does for now',
    'idlewatch policy close': 'the storm is over: it may go on',
    'idlewatch policy backtest': 'the settings as they are',
    'idlewatch policy backtest --since 7d --heartbeat-missing-secs 120': 'other thresholds, over the last week',
    'idlewatch policy backtest --ending-policy \'{"workbench":{"action":"kill","afterSecs":600}}\'':
      'one kind alone, ended once it has been stalled for ten minutes',
  },
  exit: `0 well (of backtest: nobody would have been ended wrongly; of close: the breaker is not open any more) ·
  2 backtest: somebody would have · 1 an error, told on standard error`,
  async run(given, context) {
    refuseOptionsOfOthers(given);
    switch (given.operand) {
      case 'status':
        return await showPolicy(given, context);
      case 'close':
        return await closeBreaker(context);
      default:
        return await runBacktest(given, context);
    }
  },
});

/** An option that would change nothing was meant for something else. */
function refuseOptionsOfOthers(given: PolicyGiven): void {
  const { operand, settings } = given;
  if (operand === 'backtest') return;
  const [setting] = Object.keys(settings) as SettingKey[];
  const option = given.text('since') !== null ? 'since' : setting && optionName(setting);
  if (option) throw new UsageError(`--${option} belongs to policy backtest`);
  if (operand === 'close' && given.has('json')) throw new UsageError('--json belongs to policy status and backtest');
}
