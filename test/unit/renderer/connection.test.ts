import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/renderer/state/connection';
import { foldDeltas } from '../../../src/renderer/state/fold';
import { createAppStore } from '../../../src/renderer/state/store';
import type { SettingsView } from '../../../src/shared/ipc';
import type { Snapshot } from '../../../src/shared/model';
import { defaultSettings } from '../../../src/shared/settings';
import { deferred, standInBridge } from '../../fixtures/renderer/bridge';
import { makeDelta, makeRow, makeSnapshot } from '../../fixtures/renderer/pictures';

const settings: SettingsView = {
  settings: defaultSettings(),
  pinned: [],
  errors: [],
  file: '/s.json',
  doors: { api: null, gateway: null, problems: [] },
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A connection whose full pictures are given one after the other; `times` is the window's clock. */
function connected(pictures: (() => Promise<Snapshot>)[], times: { now: number } = { now: 0 }) {
  const bridge = standInBridge({
    'snapshot.get': () => (pictures.shift() ?? (() => Promise.reject(new Error('not asked for'))))(),
    'settings.get': async () => settings,
  });
  const store = createAppStore();
  const asks: string[] = [];
  const connection = connect(
    bridge,
    store,
    {
      select: (id) => asks.push(`select ${id}`),
      askKill: (id) => asks.push(`kill ${id}`),
      askReap: () => asks.push('reap'),
    },
    () => times.now,
  );
  const fetches = () => bridge.asked.filter(({ name }) => name === 'snapshot.get').length;
  return { bridge, store, asks, connection, fetches };
}

describe('the store follows the engine', () => {
  it('shows the full picture, then what the deltas change, and when each came', async () => {
    const times = { now: 10 };
    const { bridge, store, fetches } = connected([async () => makeSnapshot(4, [makeRow({ name: 'a' })])], times);
    await settled();
    expect(store.getState().snapshot?.seq).toBe(4);
    times.now = 250;
    bridge.push('delta', makeDelta(5, { changed: [makeRow({ name: 'a', state: 'stalled' }), makeRow({ name: 'b' })] }));
    expect(store.getState().snapshot?.workers.map((row) => `${row.name} ${row.state}`)).toEqual([
      'a stalled',
      'b busy',
    ]);
    expect(store.getState().receivedAt).toBe(250);
    expect(fetches()).toBe(1);
  });

  it('asks for the full picture again after a gap, and once only', async () => {
    const second = deferred<Snapshot>();
    const { bridge, store, fetches } = connected([async () => makeSnapshot(4), () => second.promise]);
    await settled();
    bridge.push('delta', makeDelta(6));
    bridge.push('delta', makeDelta(7));
    await settled();
    expect(fetches()).toBe(2);
    expect(store.getState().snapshot?.seq).toBe(4);
    second.resolve(makeSnapshot(6));
    await settled();
    expect(store.getState().snapshot?.seq).toBe(7);
    bridge.push('delta', makeDelta(8));
    expect(store.getState().snapshot?.seq).toBe(8);
    expect(fetches()).toBe(2);
  });

  it('loses no delta that comes while the full picture is on its way, and applies none twice', async () => {
    const first = deferred<Snapshot>();
    const { bridge, store } = connected([() => first.promise]);
    for (const seq of [4, 5, 6]) bridge.push('delta', makeDelta(seq, { changed: [makeRow({ name: `w${seq}` })] }));
    first.resolve(makeSnapshot(5, [makeRow({ name: 'w4' }), makeRow({ name: 'w5' })]));
    await settled();
    expect(store.getState().snapshot?.seq).toBe(6);
    expect(store.getState().snapshot?.workers.map((row) => row.name)).toEqual(['w4', 'w5', 'w6']);
  });

  it('asks once more when what came meanwhile does not follow the picture', async () => {
    const first = deferred<Snapshot>();
    const { bridge, store, fetches } = connected([() => first.promise, async () => makeSnapshot(12)]);
    bridge.push('delta', makeDelta(Number.MAX_SAFE_INTEGER));
    first.resolve(makeSnapshot(5));
    await settled();
    expect(store.getState().snapshot?.seq).toBe(12);
    expect(fetches()).toBe(2);
  });

  it('says why there is no picture, and recovers with the next delta', async () => {
    const { bridge, store } = connected([() => Promise.reject(new Error('no monitor')), async () => makeSnapshot(9)]);
    await settled();
    expect(store.getState().failure).toBe('no monitor');
    bridge.push('delta', makeDelta(9));
    await settled();
    expect(store.getState()).toMatchObject({ failure: null, snapshot: { seq: 9 } });
  });

  it('passes on what the shell asks, takes over settings, and stops listening at the end', async () => {
    const { bridge, store, asks, connection } = connected([async () => makeSnapshot(1)]);
    await settled();
    bridge.push('select', 'a');
    bridge.push('askKill', 'b');
    bridge.push('askReap', null);
    expect(asks).toEqual(['select a', 'kill b', 'reap']);
    expect(store.getState().settings?.file).toBe('/s.json');
    bridge.push('settings', { ...settings, file: '/t.json' });
    expect(store.getState().settings?.file).toBe('/t.json');
    connection.close();
    expect(bridge.listeners()).toBe(0);
  });
});

describe('folding deltas', () => {
  it('takes an engine that began anew for a gap', () => {
    const anew = { ...makeDelta(1), head: { ...makeDelta(1).head, takenAt: 9_000_000 } };
    expect(foldDeltas(makeSnapshot(40), [anew])).toMatchObject({ gap: true, snapshot: { seq: 40 } });
  });

  it('passes over what the picture holds already', () => {
    const picture = makeSnapshot(40);
    expect(foldDeltas(picture, [makeDelta(39), makeDelta(40)])).toEqual({ snapshot: picture, gap: false });
  });
});
