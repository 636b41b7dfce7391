import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtCli } from './support/cli-workers';
import { serveCli } from './support/following-cli';
import { runCli } from './support/run-cli';
import { waitFor } from './support/wait-for';

const cli = builtCli();

const policy = (...args: string[]) => runCli(cli.path, ['policy', ...args], cli.scene.environment);
const status = async () => JSON.parse((await policy('status', '--json')).stdout);
const RULES = { 'worker-directory': { action: 'kill', afterSecs: 3_600 }, codex: { action: 'notify', afterSecs: 60 } };
const serve = (...args: string[]) =>
  serveCli(
    cli.path,
    ['--worker-dir', cli.scene.run, '--ending-policy', JSON.stringify(RULES), ...args],
    cli.scene.environment,
  );
/** Whatever else the machine does. */
const CALM = [
  '--overload-load-per-core',
  '1000',
  '--memory-pressure-percent',
  '100',
  '--policy-check-interval-ms',
  '1000',
];

test('how it stands: what is done to each kind, and what keeps it from being done', async () => {
  await serve(...CALM);
  // At first the machine's memory was not read yet.
  await waitFor('nothing holds it back', async () => (await status()).heldBack === null);
  const { code, stdout, stderr } = await policy('status');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Automatic ending {2}on\nCircuit breaker {3}not open\nHeld back {9}no\n\nKind /);
  expect(stdout).toMatch(/^worker directory +kill +1 h +10 s$/m);
  expect(stdout).toMatch(/^Codex +notify +1 min +–$/m);
  expect(stdout).toMatch(/^Claude Code +monitor +– +–$/m);
  const json = await status();
  expect(json).toMatchObject({ schema: 1, armed: true, breaker: null, heldBack: null, endsIdle: false });
  expect(json.kinds).toContainEqual({
    ...{ source: 'worker-directory', action: 'kill', afterMs: 3_600_000, killGraceMs: 10_000 },
  });
  expect(json.kinds).toContainEqual(expect.objectContaining({ source: 'workbench', action: 'monitor' }));
});

test('that idle sessions are ended too is told where they are', async () => {
  const rules = JSON.stringify({ codex: { action: 'kill' } });
  const idle = ['--idle-auto-timeout-enabled', 'true'];
  await serveCli(cli.path, ['--ending-policy', rules, ...idle, ...CALM], cli.scene.environment);
  expect((await policy('status')).stdout).toContain('Idle sessions     ended too, of the kinds that are ended\n');
  expect(await status()).toMatchObject({ endsIdle: true });
});

test('the breaker opens, status tells why, and close closes it, at the word of the command line', async () => {
  await serve('--heartbeat-missing-secs', '3', '--heartbeat-stale-secs', '3', ...CALM);
  for (const name of ['a', 'b', 'c', 'd']) cli.scene.beat(name, { status: 'busy' });
  const { breaker, heldBack } = await waitFor('it opens', async () => {
    const now = await status();
    return now.breaker && now;
  });
  expect(Math.abs(Date.now() - Date.parse(breaker.openedAt))).toBeLessThan(600_000);
  expect(breaker.reason).toMatch(/^\d of \d running workers turned stalled within a minute$/);
  expect(heldBack).toContain('the circuit breaker is open');
  expect((await policy('status')).stdout).toMatch(
    /^Circuit breaker {3}open since [\d-]{10} [\d:]{8}: \d of \d running/m,
  );

  const closed = await policy('close');
  expect(closed).toMatchObject({ code: 0, stderr: '' });
  expect(closed.stdout).toMatch(/^The circuit breaker is closed. It was open: \d of \d running workers .*\.\n$/);
  expect(await status()).toMatchObject({ breaker: null, heldBack: null });
  const log = await runCli(cli.path, ['log', '--json'], cli.scene.environment);
  const entries = JSON.parse(log.stdout).entries;
  expect(entries).toMatchObject([{ kind: 'breaker_opened' }, { kind: 'breaker_closed', askedBy: 'cli' }]);

  expect(await policy('close')).toEqual({ code: 0, stdout: 'The circuit breaker is not open.\n', stderr: '' });
});

test.each([['status'], ['close']])('%s where no engine runs says in a line what runs one', async (what) => {
  const folder = join(cli.scene.environment.XDG_STATE_HOME ?? '', 'idlewatch');
  expect(await policy(what)).toEqual({
    ...{ code: 1, stdout: '' },
    stderr: `idlewatch: no idlewatch runs its engine on ${folder}; it takes the app or idlewatch serve, running with its local API on\n`,
  });
});

test.each([
  [['open'], 'WHAT is "open"; allowed is status, close, backtest'],
  [[], 'policy needs WHAT'],
  [['status', '--since', '7d'], '--since belongs to policy backtest'],
  [['close', '--heartbeat-missing-secs', '7'], '--heartbeat-missing-secs belongs to policy backtest'],
  [['close', '--json'], '--json belongs to policy status and backtest'],
])('%j is refused', async (args, words) => {
  const result = await policy(...args);
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toContain(words);
});
