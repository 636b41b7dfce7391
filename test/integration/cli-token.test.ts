import { mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openToken } from '../../src/host/token';
import { buildPrograms, type Programs } from './support/programs';
import { cleanEnvironment, runCli } from './support/run-cli';

let programs: Programs;
let base: string;
let environment: Record<string, string>;

beforeAll(async () => {
  programs = await buildPrograms(['cli']);
}, 60_000);
afterAll(() => programs?.remove());
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-cli-token-')));
  environment = cleanEnvironment(base);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const token = (...args: string[]) => runCli(programs.cli, ['token', ...args], environment);

describe.runIf(process.platform === 'linux')('idlewatch token', () => {
  it('prints it, the same every time, alone on its line', async () => {
    const first = await token();
    expect(first).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^[\w-]{43}\n$/) });
    expect((await token()).stdout).toBe(first.stdout);
    const folder = join(base, 'state/idlewatch');
    expect(openToken(folder).read()).toBe(first.stdout.trim());
    expect(statSync(join(folder, 'token')).mode & 0o777).toBe(0o600);
  });

  it('--rotate: another one, which counts from now on', async () => {
    const file = openToken(join(base, 'state/idlewatch'));
    const before = file.read();
    const { code, stdout } = await token('--rotate');
    expect(code).toBe(0);
    expect(stdout.trim()).not.toBe(before);
    expect(file.read()).toBe(stdout.trim());
  });

  it('--json: with its file', async () => {
    const { code, stdout } = await token('--json');
    expect(code).toBe(0);
    const file = join(base, 'state/idlewatch/token');
    expect(JSON.parse(stdout)).toEqual({ token: openToken(join(base, 'state/idlewatch')).read(), file });
  });
});
