import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The workers of the benchmark, all in one process: N directories that beat every 30 s (and say so), spread evenly.
 * Some change visibly every few seconds; some beat once and fall silent. Runs until its standard input closes.
 */
const [directory = '', countText = '100'] = process.argv.slice(2);
const COUNT = Number(countText);
const INTERVAL_MS = 30_000;
const VISIBLE = 10;
const SILENT = 10;
const TICK_MS = 50;

const nameOf = (i: number) => `worker-${String(i).padStart(5, '0')}`;

function beat(i: number, more: Record<string, unknown> = {}): void {
  const path = join(directory, 'workers', nameOf(i));
  const ts = new Date().toISOString();
  const silent = i >= VISIBLE && i < VISIBLE + SILENT;
  const interval = silent ? {} : { interval_ms: INTERVAL_MS };
  writeFileSync(
    join(path, 'heartbeat.tmp'),
    JSON.stringify({ status: 'idle', name: nameOf(i), ts, ...interval, ...more }),
  );
  renameSync(join(path, 'heartbeat.tmp'), join(path, 'heartbeat.json'));
}

for (let i = 0; i < COUNT; i += 1) {
  const path = join(directory, 'workers', nameOf(i));
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'worker-spec.json'), JSON.stringify({ name: nameOf(i), role: 'coder' }));
  appendFileSync(join(path, 'inbox.jsonl'), '{"id":"t1","task":"x"}\n');
  appendFileSync(join(path, 'outbox.jsonl'), '{"task_id":"t1","status":"success"}\n');
}
// Ages as they would be in a running team: spread over the interval, not all born in one second.
const first = Date.now();
for (let i = 0; i < COUNT; i += 1) beat(i);
process.stdout.write(`${JSON.stringify({ ready: true, tookMs: Date.now() - first })}\n`);

let next = VISIBLE + SILENT;
let due = 0;
let phase = 0;
const beating = setInterval(() => {
  due += ((COUNT - VISIBLE - SILENT) * TICK_MS) / INTERVAL_MS;
  for (; due >= 1; due -= 1) {
    beat(next);
    next = next + 1 < COUNT ? next + 1 : VISIBLE + SILENT;
  }
}, TICK_MS);
const changing = setInterval(() => {
  phase += 1;
  beat(phase % VISIBLE, { phase: String(Date.now()) });
}, 500);
process.stdin.on('end', () => {
  clearInterval(beating);
  clearInterval(changing);
});
process.stdin.resume();
