import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createReaper, type Reaper } from '../../../src/engine/act/reap';
import type { Source } from '../../../src/engine/sources/source';
import { createWorkbenchSource } from '../../../src/engine/sources/workbench/source';
import { createClock } from '../../../src/host/clock';
import { createFiles } from '../../../src/host/files';
import { createProcessTable } from '../../../src/host/process-table';
import { openRegistry } from '../../../src/host/registry';
import { createTreeRemover } from '../../../src/host/remove-tree';
import { createTmux } from '../../../src/host/tmux';
import type { ReapReceipt } from '../../../src/shared/model';
import { defaultSettings } from '../../../src/shared/settings';
import { absent } from '../../fakes/absent';
import { makeWorkbench, secondsAgo } from '../../fixtures/workbench';
import { type OwnTmux, ownTmux, TMUX_PROGRAM } from '../support/own-tmux';
import { realProcesses } from '../support/real-processes';
import { waitFor } from '../support/wait-for';

const MINUTE_MS = 60_000;
const processes = realProcesses();
const settings = defaultSettings();
const clock = createClock();

let base: string;
let root: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-reap-benches-')));
  root = join(base, 'workbenches');
  mkdirSync(root);
});
afterEach(async () => {
  await processes.endAll();
  rmSync(base, { recursive: true, force: true });
});

/** A workbench triggered so long ago, whose log was last written then (or as given). */
function bench(slug: string, agoMs: number, logAt = Date.now() - agoMs): string {
  const name = `${slug}-${secondsAgo(agoMs)}`;
  makeWorkbench(root, name, { log: 'worked\n', logAt });
  return name;
}

function sourceOn(server: OwnTmux): Source {
  const source = createWorkbenchSource({
    ...absent,
    files: createFiles(),
    clock,
    processTable: createProcessTable(),
    multiplexer: createTmux({ environment: server.environment }),
    routinesDirectory: join(base, 'routines'),
    settings: () => settings,
  });
  source.setRoots([root]);
  return source;
}

/** Until the source knows of so many finished ones. */
async function settle(source: Source, finished: number): Promise<void> {
  const listener = { onFound: (id: string) => void source.look(id, 'full'), onLeft: () => undefined };
  await waitFor(`${finished} finished workbenches`, async () => {
    await source.refresh?.();
    for (const _ of source.sweep(listener));
    return source.leftovers?.().length === finished;
  });
}

function reaperOf(source: Source): Reaper {
  const { audit, close } = openRegistry(join(base, 'state'), { warn: () => undefined });
  onTestFinished(close);
  return createReaper({
    monitor: {
      leftovers: () => source.leftovers?.() ?? [],
      whyNotFinished: async (id) => (await source.whyNotFinished?.(id)) ?? null,
      noteReap: () => undefined,
    },
    remover: createTreeRemover(),
    audit,
    clock,
    settings: () => settings,
  });
}

async function carryOut(reaper: Reaper, planId: string): Promise<ReapReceipt> {
  const answer = await reaper.execute(planId, { askedBy: 'test' });
  if (!answer.ok) throw new Error(answer.reason);
  return answer.receipt;
}
const names = (list: { name: string }[]) => list.map(({ name }) => name).sort();

describe.runIf(TMUX_PROGRAM)('removing workbenches', () => {
  it('removes those past their time, and nothing that lives, is young, or is none', async () => {
    const old = bench('old', 120 * MINUTE_MS);
    const withPid = `${bench('pid', 120 * MINUTE_MS)}_4711`;
    makeWorkbench(root, withPid, { log: '', logAt: Date.now() - 100 * MINUTE_MS });
    const young = bench('young', 50 * MINUTE_MS);
    const ahead = bench('ahead', 120 * MINUTE_MS, Date.now() + 5 * 24 * 60 * MINUTE_MS);
    const running = bench('running', 120 * MINUTE_MS);
    const backup = 'backup-1700000000';
    makeWorkbench(root, backup);
    writeFileSync(join(root, backup, 'photos.tar'), 'precious');
    utimesSync(join(root, backup), 1_700_000_000, 1_700_000_000);
    const outside = join(base, 'outside');
    makeWorkbench(base, 'outside', { log: 'precious', logAt: 0 });
    const strangers = ['notes', 'old', 'old-12x', '-1', `${old}.bak`, `${old}_`, `${old}_12x`];
    for (const name of strangers) makeWorkbench(root, name, { log: '', logAt: 0 });
    writeFileSync(join(root, 'file-1700000000'), '');
    symlinkSync(outside, join(root, 'link-1700000000'));
    symlinkSync(outside, join(root, old, 'way-out'));
    symlinkSync(join(outside, 'agent.log'), join(root, old, 'log'));

    const server = ownTmux();
    server.start(`moadim-${running}`);
    const source = sourceOn(server);
    await settle(source, 6);
    const reaper = reaperOf(source);
    const plan = await reaper.plan();
    expect(plan.candidates.map(({ path }) => path).sort()).toEqual(
      [old, withPid, withPid.replace('_4711', '')].map((name) => join(root, name)).sort(),
    );
    const receipt = await carryOut(reaper, plan.planId);
    expect(receipt.failed).toEqual([]);
    expect(plan.kept.find(({ name }) => name === 'backup')?.why).toContain('neither an agent.log nor an exit_code');
    const left = [...strangers, young, ahead, running, backup, 'file-1700000000', 'link-1700000000'];
    expect(readdirSync(root).sort()).toEqual(left.sort());
    expect(readFileSync(join(outside, 'agent.log'), 'utf8')).toBe('precious');
  }, 60_000);

  it('leaves alone what came alive between the plan and its removal', async () => {
    const revived = bench('revived', 120 * MINUTE_MS);
    const inhabited = bench('inhabited', 121 * MINUTE_MS);
    const touched = bench('touched', 122 * MINUTE_MS);
    const old = bench('old', 123 * MINUTE_MS);
    const server = ownTmux();
    const source = sourceOn(server);
    await settle(source, 4);
    const reaper = reaperOf(source);
    const plan = await reaper.plan();
    expect(names(plan.candidates)).toHaveLength(4);

    server.start(`moadim-${revived}`, 'sleep 300', '/');
    processes.run('sleep', ['300'], { cwd: join(root, inhabited) });
    writeFileSync(join(root, touched, 'agent.log'), 'it goes on\n');
    const receipt = await carryOut(reaper, plan.planId);
    expect(receipt.removed.map(({ path }) => path)).toEqual([join(root, old)]);
    expect(receipt.failed).toHaveLength(3);
    for (const name of [revived, inhabited, touched]) expect(existsSync(join(root, name, 'agent.log'))).toBe(true);
  }, 60_000);
});
