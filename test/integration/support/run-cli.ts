import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

export interface CliRun {
  code: number | string | null;
  stdout: string;
  stderr: string;
}

/** Homes of its own below `base`, so that no settings and no workers of the machine are seen. */
export function cleanEnvironment(base: string): Record<string, string> {
  const homes = { HOME: 'home', XDG_CONFIG_HOME: 'config', XDG_STATE_HOME: 'state', APPDATA: 'config' };
  const environment: Record<string, string> = { PATH: process.env.PATH ?? '' };
  for (const [name, folder] of Object.entries(homes)) {
    environment[name] = join(base, folder);
    mkdirSync(join(base, folder), { recursive: true });
  }
  return environment;
}

/** Run the built CLI to its end. */
export function runCli(script: string, args: string[], env: Record<string, string>): Promise<CliRun> {
  const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => done({ code: code ?? signal, stdout, stderr }));
  });
}
