import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { spawn } from '@lydell/node-pty';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands';
import { type CliScene, cliScene } from './support/cli-workers';
import { buildPrograms, type Programs } from './support/programs';
import { runCli } from './support/run-cli';
import { waitFor } from './support/wait-for';

let programs: Programs;
let root: string;
let scene: CliScene;
let environment: Record<string, string>;

const NAMES = COMMANDS.map(({ name }) => name);
const isThere = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

beforeAll(async () => {
  programs = await buildPrograms(['cli']);
  root = mkdtempSync(join(tmpdir(), 'idlewatch-cli-test-'));
  scene = cliScene(root);
  const bin = join(scene.base, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'idlewatch'), `#!/bin/sh\nexec '${process.execPath}' '${programs.cli}' "$@"\n`);
  chmodSync(join(bin, 'idlewatch'), 0o755);
  const settings = join(scene.environment.XDG_CONFIG_HOME ?? '', 'idlewatch');
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, 'settings.json'), JSON.stringify({ workerDirs: [scene.run] }));
  environment = { ...scene.environment, PATH: `${bin}:${scene.environment.PATH}`, TERM: 'dumb' };
});

beforeEach(() => {
  for (const name of ['coder', 'cod with spaces', "it's", 'a:b', '$(touch touched)'])
    scene.beat(name, { status: 'busy' });
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  programs?.remove();
});

const script = async (shell: string) => {
  const { code, stdout, stderr } = await runCli(programs.cli, ['completion', shell], environment);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const path = join(scene.base, `completion.${shell}`);
  writeFileSync(path, stdout);
  return path;
};

function run(program: string, args: string[], input?: string): string {
  const { stdout, stderr, status } = spawnSync(program, args, {
    ...{ env: environment, cwd: scene.base, encoding: 'utf8', input, timeout: 50_000 },
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
}

test('the names of the workers, each with its state', async () => {
  const { code, stdout } = await runCli(programs.cli, ['completion', 'workers'], environment);
  expect(code).toBe(0);
  expect(stdout.split('\n').slice(0, -1).sort()).toEqual(
    ['$(touch touched)', 'a:b', 'cod with spaces', 'coder', "it's"].map((name) => `${name}\tbusy`),
  );
});

test('another shell is refused', async () => {
  const result = await runCli(programs.cli, ['completion', 'csh'], environment);
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toContain('SHELL is "csh"; allowed is bash, zsh, fish, workers');
});

describe.runIf(isThere('bash'))('bash', () => {
  /** What readline would be handed for a line with the cursor at its end, words cut as bash cuts them. */
  async function offered(line: string, ...words: string[]): Promise<string[]> {
    const asked = [
      'set -u',
      `source '${await script('bash')}'`,
      `COMP_LINE=$1; COMP_POINT=\${#1}; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()`,
      '_idlewatch',
      `printf '%s\\n' "\${COMPREPLY[@]-}"`,
    ];
    const program = `${asked.join('\n')}\n`;
    return run('bash', ['--norc', '-c', program, 'bash', line, ...words])
      .split('\n')
      .filter(Boolean);
  }

  test('commands, options, values', async () => {
    expect(await offered('idlewatch ', 'idlewatch', '')).toEqual([...NAMES, '--help', '--version']);
    expect(await offered('idlewatch wa', 'idlewatch', 'wa')).toEqual(['watch', 'wait']);
    expect(await offered('idlewatch kill --d', 'idlewatch', 'kill', '--d')).toEqual(['--dry-run']);
    expect(await offered('idlewatch bar --format ', 'idlewatch', 'bar', '--format', '')).toEqual([
      ...['waybar', 'xbar', 'tmux', 'plain'],
    ]);
    expect(await offered('idlewatch bar --format=w', 'idlewatch', 'bar', '--format', '=', 'w')).toEqual(['waybar']);
    expect(await offered('idlewatch bar --format=', 'idlewatch', 'bar', '--format', '=')).toHaveLength(4);
    expect(await offered('idlewatch status --notify-stalled ', 'idlewatch', 'status', '--notify-stalled', '')).toEqual([
      ...['true', 'false'],
    ]);
  });

  test('workers, quoted so that the shell takes them as they are', async () => {
    const workers = await offered('idlewatch kill ', 'idlewatch', 'kill', '');
    expect(workers.sort()).toEqual(['\\$\\(touch\\ touched\\)', 'a:b', 'cod\\ with\\ spaces', 'coder', "it\\'s"]);
    expect(await offered('idlewatch kill cod', 'idlewatch', 'kill', 'cod')).toHaveLength(2);
    expect(await offered('idlewatch kill cod\\ w', 'idlewatch', 'kill', 'cod\\ w')).toEqual(['cod\\ with\\ spaces']);
    expect(await offered("idlewatch kill 'cod w", 'idlewatch', 'kill', "'cod w")).toEqual(['cod with spaces']);
    // Of a word that bash has cut only what stands behind the colon is replaced.
    expect(await offered('idlewatch kill a:', 'idlewatch', 'kill', 'a', ':')).toEqual(['b']);
    expect(await offered('idlewatch wait --worker it', 'idlewatch', 'wait', '--worker', 'it')).toEqual(["it\\'s"]);
  });

  test('a first word and a second', async () => {
    expect(await offered('idlewatch policy ', 'idlewatch', 'policy', '')).toEqual(['status', 'close', 'backtest']);
    expect(await offered('idlewatch snooze code', 'idlewatch', 'snooze', 'code')).toEqual(['coder']);
    const lengths = ['off', '15min', '1h', 'change'];
    expect(await offered('idlewatch snooze coder ', 'idlewatch', 'snooze', 'coder', '')).toEqual(lengths);
    expect(await offered('idlewatch snooze a:b 1', 'idlewatch', 'snooze', 'a', ':', 'b', '1')).toEqual(['15min', '1h']);
    expect(await offered('idlewatch snooze a 1h ', 'idlewatch', 'snooze', 'a', '1h', '')).toEqual([]);
  });

  test('directories for directories, and behind -- another program', async () => {
    const line = ['idlewatch', 'watch', '--worker-dir'];
    expect(await offered('idlewatch watch --worker-dir my', ...line, 'my')).toEqual(['my-run']);
    expect(await offered('idlewatch run -- tou', 'idlewatch', 'run', '--', 'tou')).toContain('touch');
    expect(await offered('idlewatch run -- cat my', 'idlewatch', 'run', '--', 'cat', 'my')).toEqual(['my-run']);
  });
});

/** What a real shell on a terminal of its own shows for a line and a Tab. */
async function typed(program: string, args: string[], env: object, line: string, wanted: RegExp): Promise<void> {
  const terminal = { cols: 160, rows: 50, cwd: scene.base };
  const shell = spawn(program, args, { ...terminal, env: { ...environment, ...env, TERM: 'xterm' } });
  let shown = '';
  const text = () => stripVTControlCharacters(shown);
  shell.onData((data) => {
    shown += data;
  });
  try {
    await waitFor('a prompt', () => text().includes('ready> '));
    shell.write(`${line}\t`);
    await waitFor('the completion', () => wanted.test(text())).catch(() => expect(text()).toMatch(wanted));
  } finally {
    shell.kill('SIGKILL');
  }
}

describe.runIf(isThere('bash'))('bash on a terminal', () => {
  async function typedInBash(line: string, wanted: RegExp): Promise<void> {
    const file = join(mkdtempSync(join(scene.base, 'bash-')), 'bashrc');
    writeFileSync(file, `PS1='ready> '; bind 'set enable-bracketed-paste off'\nsource '${await script('bash')}'\n`);
    await typed('bash', ['--noprofile', '--rcfile', file, '-i'], {}, line, wanted);
  }

  test('commands, values, workers', async () => {
    await typedInBash('idlewatch wat', /idlewatch watch /);
    await typedInBash('idlewatch bar --format=way', /--format=waybar/);
    await typedInBash('idlewatch kill a:', /idlewatch kill a:b /);
    await typedInBash('idlewatch wait --worker cod\\ ', /cod\\ with\\ spaces /);
    await typedInBash('idlewatch kill \\$', /\\\$\\\(touch\\ touched\\\) /);
  }, 120_000);
});

describe.runIf(isThere('zsh'))('zsh on a terminal', () => {
  async function typedInZsh(line: string, wanted: RegExp): Promise<void> {
    const home = mkdtempSync(join(scene.base, 'zsh-'));
    const start = ['autoload -Uz compinit; compinit -u -D', "PS1='ready> '", `source '${await script('zsh')}'`];
    writeFileSync(join(home, '.zshrc'), `${start.join('\n')}\n`);
    await typed('zsh', ['-i'], { ZDOTDIR: home }, line, wanted);
  }

  test('commands, options, values, workers', async () => {
    await typedInZsh('idlewatch wat', /idlewatch watch /);
    await typedInZsh('idlewatch kill --dr', /idlewatch kill --dry-run/);
    await typedInZsh('idlewatch bar --format way', /--format waybar/);
    await typedInZsh('idlewatch kill code', /idlewatch kill coder /);
    await typedInZsh('idlewatch snooze code', /idlewatch snooze coder /);
    await typedInZsh('idlewatch snooze coder ch', /idlewatch snooze coder change/);
    await typedInZsh('idlewatch wait --worker cod\\ ', /cod\\ with\\ spaces/);
    await typedInZsh('idlewatch kill \\$', /\\\$\\\(touch\\ touched\\\)/);
  }, 120_000);
});

describe.runIf(isThere('fish'))('fish', () => {
  async function offered(line: string): Promise<string[]> {
    const program = `source '${await script('fish')}'; complete -C (cat)`;
    return run('fish', ['--no-config', '-c', program], line).split('\n').filter(Boolean);
  }
  const words = (lines: string[]) => lines.map((line) => line.split('\t')[0]);

  test('commands, options, values', async () => {
    expect(words(await offered('idlewatch ')).sort()).toEqual([...NAMES].sort());
    expect(await offered('idlewatch watc')).toEqual(['watch\tevery change of the workers, as JSON lines']);
    expect(words(await offered('idlewatch kill --dry'))).toEqual(['--dry-run']);
    expect(words(await offered('idlewatch bar --format ')).sort()).toEqual(['plain', 'tmux', 'waybar', 'xbar']);
  });

  test('a first word and a second', async () => {
    expect(words(await offered('idlewatch snooze '))).toContain('coder');
    expect(words(await offered('idlewatch snooze '))).not.toContain('1h');
    expect(words(await offered('idlewatch snooze cod\\ with\\ spaces ')).sort()).toEqual([
      '15min',
      '1h',
      'change',
      'off',
    ]);
    expect(await offered('idlewatch snooze coder 1h ')).toEqual([]);
  });

  test('workers, directories, and behind -- another program', async () => {
    expect(await offered('idlewatch kill code')).toEqual(['coder\tbusy']);
    expect(words(await offered('idlewatch wait --worker '))).toContain('cod with spaces');
    expect(words(await offered('idlewatch watch --worker-dir my'))).toEqual(['my-run/']);
    expect(words(await offered('idlewatch run -- touc'))).toContain('touch');
  });
});
