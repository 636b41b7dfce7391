import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReaper, FIRST_REAP_MS, REAP_INTERVAL_MS, REAP_PLAN_VALID_MS } from '../../src/engine/act/reap';
import type { AuditLog } from '../../src/engine/ports';
import type { Leftover } from '../../src/engine/sources/source';
import { openRegistry } from '../../src/host/registry';
import { createTreeRemover } from '../../src/host/remove-tree';
import type { ReapReceipt } from '../../src/shared/model';
import { leftover } from '../fakes/leftover';
import { SteppedClock } from '../fakes/stepped-clock';
import { waitFor } from './support/wait-for';

const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;

let base: string;
let root: string;
let left: Leftover[];
/** Why a worker is not finished, by its name. */
let alive: Map<string, string | Error>;
let settings: { leftoversMaxMB: number | null; reapAutomatically: boolean };
let told: ReapReceipt[];
let forgotten: string[];
let clock: SteppedClock;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'idlewatch-reap-')));
  root = join(base, 'workbenches');
  mkdirSync(root);
  left = [];
  alive = new Map();
  settings = { leftoversMaxMB: null, reapAutomatically: false };
  told = [];
  forgotten = [];
  clock = new SteppedClock();
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** A real directory with a file of some KiB, and the leftover it is. */
function leave(name: string, over: Partial<Leftover> = {}, kib = 4): Leftover {
  const path = join(root, name);
  mkdirSync(join(path, 'work'), { recursive: true });
  writeFileSync(join(path, 'work/file'), Buffer.alloc(kib * 1024, 1));
  const one = { ...leftover(name, over), path, root };
  left.push(one);
  return one;
}

const auditFolder = () => join(base, 'state');
const auditIn = (folder: string) => openRegistry(folder, { warn: console.error }).audit;
const auditLines = () => auditIn(auditFolder()).entries(100);

function reaper(audit: AuditLog = auditIn(auditFolder())) {
  return createReaper({
    monitor: {
      leftovers: () => left,
      whyNotFinished: async (id) => {
        const answer = alive.get(left.find(({ workerId }) => workerId === id)?.name ?? '') ?? null;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      noteReap: (receipt) => told.push(receipt),
    },
    remover: createTreeRemover(),
    audit,
    clock,
    settings: () => settings,
    onRemoved(one) {
      forgotten.push(one.name);
      left = left.filter(({ path }) => path !== one.path);
    },
  });
}
const names = (list: { name: string }[]) => list.map(({ name }) => name);

async function reap(made = reaper()): Promise<ReapReceipt> {
  const { planId } = await made.plan();
  const answer = await made.execute(planId, { askedBy: 'test' });
  if (!answer.ok) throw new Error(answer.reason);
  return answer.receipt;
}

describe('the reaper', () => {
  it('lists what may go and how much it takes up, and removes nothing by listing', async () => {
    leave('old-1', {}, 100);
    leave('young-2', { finishedAgeMs: 60_000 });
    const plan = await reaper().plan();
    expect(names(plan.candidates)).toEqual(['old-1']);
    expect(plan.candidates[0]?.bytes).toBe(
      Number(execFileSync('du', ['-s', '-B1', join(root, 'old-1')], { encoding: 'utf8' }).split('\t')[0]),
    );
    expect(names(plan.kept)).toEqual(['young-2']);
    expect(readdirSync(root).sort()).toEqual(['old-1', 'young-2']);
    expect(existsSync(auditFolder())).toBe(false);
  });

  it('removes what the plan names, writes both down, and tells', async () => {
    leave('old-1');
    leave('young-2', { finishedAgeMs: 60_000 });
    mkdirSync(join(root, 'not a leftover'));
    const receipt = await reap();
    expect(readdirSync(root).sort()).toEqual(['not a leftover', 'young-2']);
    expect(receipt.summary).toMatch(/^1 finished directory was removed \(\d+ KB\)\.$/);
    expect(told).toEqual([receipt]);
    expect(forgotten).toEqual(['old-1']);
    expect(auditLines()).toMatchObject([
      { kind: 'reap_intent', askedBy: 'test', candidates: [{ name: 'old-1', path: join(root, 'old-1') }] },
      { kind: 'reap_outcome', receipt: { removed: [{ name: 'old-1' }], failed: [] } },
    ]);
  });

  it('has the intent on the disk before anything goes, and removes nothing where it cannot be written', async () => {
    const { path } = leave('old-1');
    let stood: boolean | null = null;
    const audit = auditIn(auditFolder());
    await reap(
      reaper({
        async append(entry) {
          if (entry.kind === 'reap_intent') stood = existsSync(path);
          await audit.append(entry);
        },
      }),
    );
    expect(stood).toBe(true);

    const again = leave('old-2');
    writeFileSync(join(base, 'file'), '');
    const blind = reaper(auditIn(join(base, 'file')));
    const { planId } = await blind.plan();
    const answer = await blind.execute(planId, { askedBy: 'test' });
    expect(answer).toMatchObject({ ok: false, reason: expect.stringContaining('Nothing was removed') });
    expect(existsSync(again.path)).toBe(true);
  });

  it('is good once, and for five minutes', async () => {
    leave('old-1');
    const made = reaper();
    const { planId } = await made.plan();
    clock.step(REAP_PLAN_VALID_MS + 1);
    expect(await made.execute(planId, { askedBy: 'test' })).toMatchObject({ ok: false });
    expect(readdirSync(root)).toEqual(['old-1']);
    const second = await made.plan();
    expect(await made.execute(second.planId, { askedBy: 'test' })).toMatchObject({ ok: true });
    leave('old-1');
    expect(await made.execute(second.planId, { askedBy: 'test' })).toMatchObject({ ok: false });
    expect(await made.execute('made up', { askedBy: 'test' })).toMatchObject({ ok: false });
    expect(readdirSync(root)).toEqual(['old-1']);
  });

  it.each<[string, (one: Leftover) => void, RegExp]>([
    ['came alive', (one) => alive.set(one.name, 'its session lives'), /its session lives/],
    ['cannot be told of', (one) => alive.set(one.name, new Error('tmux is silent')), /tmux is silent/],
    ['is finished no more', (one) => left.splice(left.indexOf(one), 1), /not among the finished/],
    [
      'finished anew',
      (one) => left.splice(left.indexOf(one), 1, { ...one, finishedAt: one.finishedAt + 1 }),
      /changed/,
    ],
    ['is kept longer now', (one) => left.splice(left.indexOf(one), 1, { ...one, ttlMs: 1e12 }), /time has not come/],
    ['lies elsewhere', (one) => left.splice(left.indexOf(one), 1, { ...one, path: `${one.path}x` }), /changed/],
  ])('leaves alone what %s after the plan was made, and goes on', async (_, change, why) => {
    const one = leave('old-1');
    leave('old-2');
    const made = reaper();
    const { planId } = await made.plan();
    change(one);
    const answer = await made.execute(planId, { askedBy: 'test' });
    expect(answer).toMatchObject({ ok: true, receipt: { removed: [{ name: 'old-2' }], failed: [{ name: 'old-1' }] } });
    expect(told[0]?.failed[0]?.why).toMatch(why);
    expect(readdirSync(join(root, 'old-1/work'))).toEqual(['file']);
    expect(forgotten).toEqual(['old-2']);
  });

  it('looks at each immediately before it is removed, not once for all', async () => {
    leave('old-1', { finishedAgeMs: 9_000_000 });
    leave('old-2', { finishedAgeMs: 8_000_000 });
    const made = createReaper({
      monitor: {
        leftovers: () => left,
        whyNotFinished: async (id) => (id.endsWith('old-2') && !existsSync(join(root, 'old-1')) ? 'alive again' : null),
        noteReap: (receipt) => told.push(receipt),
      },
      remover: createTreeRemover(),
      audit: auditIn(auditFolder()),
      clock,
      settings: () => settings,
    });
    expect(await reap(made)).toMatchObject({ removed: [{ name: 'old-1' }], failed: [{ name: 'old-2' }] });
  });

  it.skipIf(!canMount)('goes on past one that cannot be removed, and names what is in the way', async () => {
    leave('old-1', { finishedAgeMs: 9_000_000 });
    leave('old-2', { finishedAgeMs: 8_000_000 });
    const mounted = join(root, 'old-1/work');
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', mounted]);
    try {
      const receipt = await reap();
      expect(receipt.failed).toEqual([
        { name: 'old-1', path: join(root, 'old-1'), why: expect.stringContaining(`${mounted} is a mount`) },
      ]);
      expect(receipt.summary).toContain('1 not: old-1');
      expect(names(receipt.removed)).toEqual(['old-2']);
    } finally {
      execFileSync('umount', [mounted]);
    }
  });

  it('takes the oldest before their time where all of them take up too much', async () => {
    leave('a-3', { finishedAgeMs: 30_000 }, 700);
    leave('b-1', { finishedAgeMs: 50_000 }, 700);
    leave('c-2', { finishedAgeMs: 40_000 }, 700);
    expect((await reaper().plan()).candidates).toEqual([]);
    settings.leftoversMaxMB = 1;
    const made = reaper();
    expect(names((await made.plan()).candidates)).toEqual(['b-1', 'c-2']);
    const { planId } = await made.plan();
    settings.leftoversMaxMB = 100;
    expect(await made.execute(planId, { askedBy: 'test' })).toMatchObject({ receipt: { removed: [] } });
    settings.leftoversMaxMB = 1;
    await reap(made);
    expect(readdirSync(root)).toEqual(['a-3']);
  });

  it('never runs twice at once', async () => {
    for (let i = 0; i < 20; i += 1) leave(`old-${i}`);
    const made = reaper();
    const [one, two] = [await made.plan(), await made.plan()];
    const answers = await Promise.all([
      made.execute(one.planId, { askedBy: 'window' }),
      made.execute(two.planId, { askedBy: 'cli' }),
    ]);
    expect(answers).toMatchObject([{ ok: true }, { ok: false, reason: expect.stringContaining('already') }]);
    expect(told).toHaveLength(1);
    expect(readdirSync(root)).toEqual([]);
  });

  it('removes by itself once an hour, and only while the settings say so', async () => {
    leave('old-1');
    const stop = reaper().startHourly();
    const turnIsOver = () => waitFor('the next turn is set', () => clock.timerCount === 1);
    clock.step(FIRST_REAP_MS);
    await turnIsOver();
    expect(readdirSync(root)).toEqual(['old-1']);
    settings.reapAutomatically = true;
    clock.step(REAP_INTERVAL_MS - 1);
    await turnIsOver();
    expect(readdirSync(root)).toEqual(['old-1']);
    clock.step(1);
    await turnIsOver();
    expect(readdirSync(root)).toEqual([]);
    expect(told).toMatchObject([{ askedBy: 'policy', removed: [{ name: 'old-1' }] }]);
    clock.step(REAP_INTERVAL_MS);
    await turnIsOver();
    expect(told).toHaveLength(1);
    stop();
    expect(clock.timerCount).toBe(0);
  });
});
