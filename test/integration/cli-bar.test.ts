import { describe, expect, test } from 'vitest';
import { runOnTerminal } from './support/cli-terminal';
import { builtCli } from './support/cli-workers';
import { followCli, serveCli } from './support/following-cli';
import { ownTmux, TMUX_PROGRAM } from './support/own-tmux';
import { runCli } from './support/run-cli';

const cli = builtCli();

const bar = (...args: string[]) => runCli(cli.path, ['bar', ...args], cli.scene.environment);

test('once, without an engine and with one', async () => {
  cli.scene.beat('coder', { status: 'busy' });
  const alone = await bar('--worker-dir', cli.scene.run);
  expect(alone).toEqual({ code: 0, stdout: '● coder busy\n', stderr: '' });
  expect((await bar()).stdout).toBe('○ idle\n');
  await serveCli(cli.path, ['--worker-dir', cli.scene.run], cli.scene.environment);
  expect((await bar()).stdout).toBe('● coder busy\n');
  expect(JSON.parse((await bar('--format', 'waybar', '--once')).stdout)).toMatchObject({ class: 'busy' });
  expect((await bar('--format', 'xbar')).stdout).toMatch(/^● coder busy \|.*\n---\n/);
});

test('for waybar it goes on, a line for each change', async () => {
  cli.scene.beat('coder', { status: 'busy' });
  const shown = followCli(
    cli.path,
    ['bar', '--format', 'waybar', '--worker-dir', cli.scene.run],
    cli.scene.environment,
  );
  await shown.until('busy', (line) => JSON.parse(line).class === 'busy');
  cli.scene.beat('coder', { status: 'waiting', message: 'May I <now>?' });
  const asking = await shown.until('the question', (line) => JSON.parse(line).text.includes('waits for you'));
  expect(JSON.parse(asking).tooltip).not.toContain('<now>');
  expect(await shown.end('SIGINT')).toBe(130);
});

test.each([
  [['--format', 'html'], /--format is "html"; allowed is waybar, xbar, tmux, plain/],
  [['--once', '--follow'], /exclude each other/],
  [['--format', 'xbar', '--follow'], /xbar reads/],
])('%j is refused', async (args, message) => {
  const result = await bar(...args);
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toMatch(message);
});

describe.runIf(TMUX_PROGRAM)('in a real tmux', () => {
  test('it is shown in its colours, and a name runs nothing', async () => {
    const runsSomething = '#(tmux set -g @run yes)';
    cli.scene.beat(runsSomething, { status: 'busy' });
    cli.scene.beat('other', { status: 'busy' });
    const command = `${process.execPath} ${cli.path} bar --format tmux --worker-dir ${cli.scene.run}`;
    const tmux = ownTmux();
    tmux.start('shown');
    tmux.run('set', '-g', 'status-interval', '1');
    tmux.run('set', '-g', 'status-right-length', '100');
    tmux.run('set', '-g', 'status-right', `#(${command})`);
    const attach = "require('child_process').spawn('tmux', ['-u', 'attach', '-t', 'shown'], { stdio: 'inherit' })";
    const client = runOnTerminal('-e', [attach], tmux.environment as Record<string, string>);
    await client.until('\u001b[34m● 2 busy');
    cli.scene.beat('other', { status: 'stopped' });
    await client.until('● ＃(tmux set -g @run');
    cli.scene.beat('#{pid}%H', { status: 'busy' });
    cli.scene.beat(runsSomething, { status: 'stopped' });
    await client.until('● ＃{pid}％H busy');
    expect(tmux.run('show', '-gqv', '@run')).toBe('');
  });
});
