import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SECONDS = 20;

/**
 * CPU of one core that monit takes to check the time of every heartbeat file once a second, in percent; null where monit
 * is not installed. It runs with a configuration and state of its own, in the foreground.
 */
export async function measureMonit(directory: string): Promise<number | null> {
  if (spawnSync('monit', ['--version']).error) return null;
  const config = join(directory, 'monitrc');
  const root = join(directory, 'workers');
  const checks = readdirSync(root).map(
    (name) =>
      `check file ${name} with path ${join(root, name, 'heartbeat.json')}\n  if timestamp > 75 seconds then exec "/bin/true"`,
  );
  const own = ['idfile', 'statefile', 'pidfile'].map((file) => `set ${file} ${join(directory, `monit-${file}`)}`);
  writeFileSync(config, ['set daemon 1', ...own, ...checks, ''].join('\n'));
  chmodSync(config, 0o600);
  const monit = spawn('monit', ['-I', '-c', config], { stdio: 'ignore' });
  try {
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const before = cpuMs(monit);
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
    return ((cpuMs(monit) - before) / (SECONDS * 1000)) * 100;
  } finally {
    monit.kill('SIGTERM');
    await once(monit, 'exit');
  }
}

/** User and system time of a process, from fields 14 and 15 of /proc/<pid>/stat, in clock ticks of 10 ms. */
function cpuMs(child: ChildProcess): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
