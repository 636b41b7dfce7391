import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runOnTerminal } from './support/cli-terminal';
import { type CliScene, cliScene } from './support/cli-workers';
import { followCli, serveCli } from './support/following-cli';
import { ownTmux, TMUX_PROGRAM } from './support/own-tmux';
import { buildPrograms, type Programs } from './support/programs';
import { runCli } from './support/run-cli';

let programs: Programs;
let root: string;
let scene: CliScene;

beforeAll(async () => {
  programs = await buildPrograms(['cli']);
  root = mkdtempSync(join(tmpdir(), 'idlewatch-cli-test-'));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  programs?.remove();
});
beforeEach(() => {
  scene = cliScene(root);
});

const bar = (...args: string[]) => runCli(programs.cli, ['bar', ...args], scene.environment);

test('once, without an engine and with one', async () => {
  scene.beat('coder', { status: 'busy' });
  const alone = await bar('--worker-dir', scene.run);
  expect(alone).toEqual({ code: 0, stdout: '● coder busy\n', stderr: '' });
  expect((await bar()).stdout).toBe('○ idle\n');
  await serveCli(programs.cli, ['--worker-dir', scene.run], scene.environment);
  expect((await bar()).stdout).toBe('● coder busy\n');
  expect(JSON.parse((await bar('--format', 'waybar', '--once')).stdout)).toMatchObject({ class: 'busy' });
  expect((await bar('--format', 'xbar')).stdout).toMatch(/^● coder busy \|.*\n---\n/);
});

test('for waybar it goes on, a line for each change', async () => {
  scene.beat('coder', { status: 'busy' });
  const shown = followCli(programs.cli, ['bar', '--format', 'waybar', '--worker-dir', scene.run], scene.environment);
  await shown.until('busy', (line) => JSON.parse(line).class === 'busy');
  scene.beat('coder', { status: 'waiting', message: 'May I <now>?' });
  const asking = await shown.until('the question', (line) => JSON.parse(line).text.includes('waiting for you'));
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
    scene.beat(runsSomething, { status: 'busy' });
    scene.beat('other', { status: 'busy' });
    const command = `${process.execPath} ${programs.cli} bar --format tmux --worker-dir ${scene.run}`;
    const tmux = ownTmux();
    tmux.start('shown');
    tmux.run('set', '-g', 'status-interval', '1');
    tmux.run('set', '-g', 'status-right-length', '100');
    tmux.run('set', '-g', 'status-right', `#(${command})`);
    const attach = "require('child_process').spawn('tmux', ['-u', 'attach', '-t', 'shown'], { stdio: 'inherit' })";
    const client = runOnTerminal('-e', [attach], tmux.environment as Record<string, string>);
    await client.until('\u001b[34m● 2 busy');
    scene.beat('other', { status: 'stopped' });
    await client.until('● ＃(tmux set -g @run');
    scene.beat('#{pid}%H', { status: 'busy' });
    scene.beat(runsSomething, { status: 'stopped' });
    await client.until('● ＃{pid}％H busy');
    expect(tmux.run('show', '-gqv', '@run')).toBe('');
  });
});
