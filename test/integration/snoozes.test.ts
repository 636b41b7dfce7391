import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createSnoozeBook } from '../../src/host/snooze-book';
import { makeScene, startMonitor } from '../unit/engine/support/stepped-monitor';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'idlewatch-snoozes-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('a snooze outlives idlewatch, and ends when its worker changes', () => {
  const [scene, state] = [makeScene(), folder()];
  const run = scene.stateDirectory('run');
  const worker = join(run, 'workers', 'w');
  const begin = () => {
    const snoozes = createSnoozeBook(state, { warn: (message) => expect.unreachable(message) });
    return startMonitor(scene, [run], { ports: { snoozes } });
  };
  scene.beat(worker, 'busy');
  const first = begin();
  scene.clock.step(40_000);
  expect(first.row('w')).toMatchObject({ state: 'dead', needsPerson: true });
  first.monitor.snooze(first.row('w').id, '1h');
  const { snoozedUntil } = first.row('w');
  first.monitor.stop();

  const second = begin();
  expect(second.row('w')).toMatchObject({ state: 'dead', snoozed: true, needsPerson: false, snoozedUntil });
  scene.beat(worker, 'busy');
  scene.clock.step(3_000);
  expect(second.row('w')).toMatchObject({ state: 'busy', snoozed: false });
  second.monitor.stop();
  scene.clock.step(60_000);

  const third = begin();
  expect(third.row('w')).toMatchObject({ state: 'dead', snoozed: false, needsPerson: true });
});

test('a book that cannot be read counts as empty, and says so once', () => {
  const state = folder();
  writeFileSync(join(state, 'snoozes.json'), '{"w": {"state": "gone"}}');
  const warnings: string[] = [];
  const book = createSnoozeBook(state, { warn: (message) => warnings.push(message) });
  expect([book.find('w', 'dead'), book.find('w', 'stalled')]).toEqual([null, null]);
  expect(warnings).toEqual([expect.stringContaining('snoozes.json')]);
});
