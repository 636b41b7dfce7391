import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openToken } from '../../src/host/token';
import { createClient } from '../../src/server/client';
import type { WorkerRow } from '../../src/shared/model';
import { builtCli } from './support/cli-workers';
import { type Serving, serveCli } from './support/following-cli';
import { runCli } from './support/run-cli';
import { waitFor } from './support/wait-for';

const cli = builtCli();

const run = (...args: string[]) => runCli(cli.path, args, cli.scene.environment);
const serve = (...args: string[]) =>
  serveCli(cli.path, ['--worker-dir', cli.scene.run, ...args], cli.scene.environment);
const stateFolder = () => join(cli.scene.environment.XDG_STATE_HOME ?? '', 'idlewatch');

/** The worker as the engine shows it to everybody, once it is so. */
async function shown({ url }: Serving, name: string, isSo: (row: WorkerRow) => boolean = () => true) {
  const client = createClient({ url, token: openToken(stateFolder()).read });
  return await waitFor(name, async () =>
    (await client.snapshot()).workers.find((row) => row.name === name && isSo(row)),
  );
}

/** Workers that are seen to say something, and then nothing more. */
async function serveStalled(...names: string[]): Promise<Serving> {
  const serving = await serve('--heartbeat-missing-secs', '3', '--heartbeat-stale-secs', '3');
  for (const name of names) cli.scene.beat(name, { status: 'busy' });
  for (const name of names) await shown(serving, name, ({ needsPerson }) => needsPerson);
  return serving;
}

describe('idlewatch snooze', () => {
  test('without a length: until it changes; off ends that', async () => {
    const serving = await serveStalled('coder', 'other');
    const result = await run('snooze', 'coder');
    expect(result).toEqual({ code: 0, stdout: 'coder is snoozed until it changes.\n', stderr: '' });
    expect(await shown(serving, 'coder')).toMatchObject({ snoozed: true, snoozedUntil: null, needsPerson: false });
    expect(await shown(serving, 'other')).toMatchObject({ snoozed: false, needsPerson: true });

    expect(await run('snooze', cli.scene.idOf('coder'), 'off')).toMatchObject({
      ...{ code: 0, stdout: 'coder is not snoozed.\n' },
    });
    expect(await shown(serving, 'coder')).toMatchObject({ snoozed: false, needsPerson: true });
  });

  test.each([
    ['15min', 15, 'snoozed for 15 min, at most until it changes'],
    ['1h', 60, 'snoozed for 1 h, at most until it changes'],
    ['change', null, 'snoozed until it changes'],
  ])('for %s', async (length, minutes, words) => {
    const serving = await serveStalled('coder');
    const before = Date.now();
    expect(await run('snooze', 'coder', length)).toMatchObject({ code: 0, stdout: `coder is ${words}.\n` });
    const { snoozed, snoozedUntil } = await shown(serving, 'coder');
    expect(snoozed).toBe(true);
    if (minutes === null) return expect(snoozedUntil).toBeNull();
    expect(snoozedUntil).toBeGreaterThanOrEqual(before + minutes * 60_000);
    expect(snoozedUntil).toBeLessThanOrEqual(Date.now() + minutes * 60_000);
  });
});

describe('idlewatch keep', () => {
  const settingsFile = () => join(cli.scene.environment.XDG_CONFIG_HOME ?? '', 'idlewatch/settings.json');
  const kept = () => JSON.parse(readFileSync(settingsFile(), 'utf8')).keepAlive;
  const byWhom = async () => {
    const { stdout } = await run('events', '--after', '0', '--kinds', 'config_changed', '--json');
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).data.askedBy);
  };

  test('is kept in the settings, asked for by the command line; --off takes only this one back', async () => {
    cli.scene.beat('coder', { status: 'busy' });
    cli.scene.beat('other', { status: 'busy' });
    const serving = await serve();
    const result = await run('keep', 'coder');
    expect(result).toEqual({ code: 0, stdout: 'coder is kept alive: it is never ended automatically.\n', stderr: '' });
    expect((await run('keep', cli.scene.idOf('other'))).code).toBe(0);
    expect(kept()).toEqual([cli.scene.idOf('coder'), cli.scene.idOf('other')]);
    expect((await shown(serving, 'coder')).keepAlive).toBe(true);

    expect(await run('keep', 'coder', '--off')).toMatchObject({ code: 0, stdout: 'coder is not kept alive.\n' });
    expect(kept()).toEqual([cli.scene.idOf('other')]);
    expect((await shown(serving, 'coder')).keepAlive).toBe(false);
    await waitFor('all of it is in the event log', async () => (await byWhom()).length === 3);
    expect(await byWhom()).toEqual(['cli', 'cli', 'cli']);
  });

  test('is refused where the setting cannot be changed', async () => {
    cli.scene.beat('coder', { status: 'busy' });
    const serving = await serve('--keep-alive', 'another');
    const result = await run('keep', 'coder');
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/^idlewatch: keepAlive was set by the environment or an option .*\n$/);
    expect((await shown(serving, 'coder')).keepAlive).toBe(false);
    expect(() => readFileSync(settingsFile())).toThrow('ENOENT');
  });
});

describe.each([['snooze'], ['keep']])('idlewatch %s', (name) => {
  test('where no engine runs, says in a line what runs one, and changes nothing', async () => {
    cli.scene.beat('coder', { status: 'busy' });
    const result = await run(name, 'coder');
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toBe(
      `idlewatch: no idlewatch runs its engine on ${stateFolder()}; it takes the app or idlewatch serve, running with its local API on\n`,
    );
  });

  test('a name that nobody has, or several, is refused with those there are', async () => {
    cli.scene.beat('coder', { status: 'busy' });
    const elsewhere = dirname(dirname(cli.scene.beat('elsewhere/workers/coder', { status: 'busy' })));
    await serve('--worker-dir', elsewhere);
    const nobody = await run(name, 'nobody');
    expect(nobody).toMatchObject({ code: 1, stdout: '' });
    expect(nobody.stderr).toContain('no worker has the id or the name nobody; known are:');
    const several = await run(name, 'coder');
    expect(several).toMatchObject({ code: 1, stdout: '' });
    expect(several.stderr).toContain(`2 workers are called coder; give one’s id:`);
    expect(several.stderr).toContain(cli.scene.idOf('coder'));
  });
});
