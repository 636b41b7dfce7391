import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createCodexSource } from '../../../../../src/engine/sources/codex/source';
import { createFiles } from '../../../../../src/host/files';
import { createProcessTable } from '../../../../../src/host/process-table';
import { defaultSettings } from '../../../../../src/shared/settings';
import { absent } from '../../../../fakes/absent';
import { SteppedClock } from '../../../../fakes/stepped-clock';

const THREADS = ['a', 'b', 'c'].map((letter) => `01a20272-0000-7000-8000-00000000000${letter}`);

function codexHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'idlewatch-codex-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const day = join(home, 'sessions', '2026', '11', '22');
  mkdirSync(day, { recursive: true });
  for (const id of THREADS) {
    const line = {
      timestamp: new Date().toISOString(),
      type: 'session_meta',
      payload: { id, cwd: '/', source: 'cli' },
    };
    writeFileSync(join(day, `rollout-2026-11-22T08-00-00-${id}.jsonl`), `${JSON.stringify(line)}\n`);
  }
  return home;
}

it('a sweep that is broken off anywhere loses no session: the next tells of each, once', () => {
  const home = codexHome();
  let isWhole = false;
  for (let steps = 0; !isWhole; steps += 1) {
    const source = createCodexSource({
      ...absent,
      files: createFiles(),
      clock: new SteppedClock({ wallStartMs: Date.now() }),
      processTable: createProcessTable(),
      settings: () => defaultSettings(),
    });
    source.setRoots([home]);
    const found: string[] = [];
    const listener = { onFound: (id: string) => found.push(id), onLeft: () => undefined };
    const first = source.sweep(listener);
    for (let step = 0; step < steps && !isWhole; step += 1) isWhole = first.next().done === true;
    for (const _ of source.sweep(listener));
    expect(found.map((id) => id.slice(-7, -6)).sort(), `broken off after ${steps} steps`).toEqual(['a', 'b', 'c']);
  }
});
