import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../scripts/setup/paths.mjs';

/** Runs a script to its end. `env` comes over our own; an undefined value takes a variable away. */
function runScript(name: string, args: string[], env: Record<string, string | undefined>) {
  return spawnSync(process.execPath, [join(ROOT, 'scripts', name), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

describe('npm start', () => {
  it('says at once that there is no display, and what to do', () => {
    const { status, stdout, stderr } = runScript('start.mjs', [], { DISPLAY: undefined, WAYLAND_DISPLAY: undefined });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/there is no display .*xvfb-run -a npm start\n$/);
  });
});

describe('npm test', () => {
  it('names the steps it knows', () => {
    const { status, stderr } = runScript('test.mjs', ['--only', 'speed'], {});
    expect(status).toBe(1);
    expect(stderr).toContain('does not know "--only speed"; allowed is --only with one of lint, typecheck, unit');
  });
});
