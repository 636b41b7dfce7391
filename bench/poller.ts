import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the engine is compared with, in the same run: the plain way, which looks at every heartbeat file once a second,
 * reads it where its time changed, and judges its age. Arguments: directory, seconds. Prints its cost.
 */
const [directory = '', secondsText = '20'] = process.argv.slice(2);
const root = join(directory, 'workers');
const paths = readdirSync(root).map((name) => join(root, name, 'heartbeat.json'));
const known = new Map<string, { mtimeMs: number; at: number }>();
let silent = 0;

function poll(): void {
  silent = 0;
  for (const path of paths) {
    const { mtimeMs } = statSync(path);
    let last = known.get(path);
    if (!last || last.mtimeMs !== mtimeMs) {
      const { ts } = JSON.parse(readFileSync(path, 'utf8')) as { ts: string };
      last = { mtimeMs, at: Date.parse(ts) };
      known.set(path, last);
    }
    if (Date.now() - last.at > 75_000) silent += 1;
  }
}

poll();
const timer = setInterval(poll, 1_000);
const before = process.cpuUsage();
const began = performance.now();
await new Promise((resolve) => setTimeout(resolve, Number(secondsText) * 1000));
const cpu = process.cpuUsage(before);
clearInterval(timer);
process.stdout.write(
  `${JSON.stringify({ cpuPercent: ((cpu.user + cpu.system) / 1000 / (performance.now() - began)) * 100, silent })}\n`,
);
