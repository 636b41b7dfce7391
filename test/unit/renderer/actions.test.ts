import { describe, expect, it } from 'vitest';
import { createActions } from '../../../src/renderer/state/actions';
import { createAppStore } from '../../../src/renderer/state/store';
import { standInBridge } from '../../fixtures/renderer/bridge';
import { makeRow, makeSnapshot } from '../../fixtures/renderer/pictures';

function acting(answers: Parameters<typeof standInBridge>[0] = {}) {
  const store = createAppStore();
  const rows = [
    makeRow({ id: 'parent', name: 'parent', source: 'opencode' }),
    makeRow({ id: 'child', name: 'child', source: 'opencode', parentId: 'parent' }),
    makeRow({ id: 'grandchild', name: 'grandchild', source: 'opencode', parentId: 'child' }),
    makeRow({ id: 'other', name: 'other' }),
  ];
  store.setState({ snapshot: makeSnapshot(1, rows) });
  const bridge = standInBridge(answers);
  return { store, bridge, actions: createActions(bridge, store) };
}

describe('selecting a worker', () => {
  it('opens all that its row is folded away in, and nothing else', () => {
    const { store, actions } = acting();
    store.setState({ closedGroups: new Set(['opencode', 'worker-directory']) });
    actions.select('grandchild');
    expect([...store.getState().closedGroups]).toEqual(['worker-directory']);
    expect([...store.getState().openParents].sort()).toEqual(['child', 'parent']);
    expect(store.getState().selectedId).toBe('grandchild');
  });

  it('leaves everything as it was where its row is in the table', () => {
    const { store, actions } = acting();
    const before = store.getState();
    actions.select('other');
    expect(store.getState().closedGroups).toBe(before.closedGroups);
    expect(store.getState().openParents).toBe(before.openParents);
  });

  it('takes away the filters that hide it when something outside asks for it, and keeps one list one list', () => {
    const { store, actions } = acting();
    store.setState({ chip: 'busy', kind: 'codex', filterText: 'x' });
    actions.reveal('child');
    expect(store.getState()).toMatchObject({ selectedId: 'child', chip: 'all', kind: 'grouped', filterText: '' });
    actions.setKind('one-list');
    actions.reveal('other');
    expect(store.getState().kind).toBe('one-list');
  });

  it('says that one is gone', () => {
    const { store, actions } = acting();
    actions.select('nobody');
    expect(store.getState()).toMatchObject({ selectedId: null, notice: 'This worker is no longer there.' });
  });
});

describe('folding', () => {
  it('goes to and fro', () => {
    const { store, actions } = acting();
    actions.toggleGroup('opencode');
    actions.toggleBelow('parent');
    expect([...store.getState().closedGroups]).toEqual(['opencode']);
    expect([...store.getState().openParents]).toEqual(['parent']);
    actions.toggleGroup('opencode');
    actions.toggleBelow('parent');
    expect(store.getState().closedGroups.size + store.getState().openParents.size).toBe(0);
  });

  it('hides nothing that a filter finds', () => {
    const { store, actions } = acting();
    actions.toggleGroup('opencode');
    actions.setChip('busy');
    expect(store.getState().closedGroups.size).toBe(0);
    actions.toggleGroup('opencode');
    actions.setFilterText('chi');
    expect(store.getState().closedGroups.size).toBe(0);
  });
});

describe('copying', () => {
  it('says whether it was done, and why not', async () => {
    const done = acting({ 'clipboard.write': async () => undefined });
    expect(await done.actions.copy('some text')).toBe(true);
    expect(done.bridge.asked).toEqual([{ name: 'clipboard.write', args: ['some text'] }]);
    const refused = acting();
    expect(await refused.actions.copy('some text')).toBe(false);
    expect(refused.store.getState().notice).toBe('Nothing was copied: no answer to clipboard.write');
  });
});

describe('snoozing', () => {
  it('asks for as long as was chosen, and tells a refusal', async () => {
    const { bridge, store, actions } = acting({
      'worker.snooze': async () => ({ ok: false, reason: 'This worker is no longer there.' }),
    });
    actions.snooze('child', '15min');
    await expect.poll(() => store.getState().notice).toBe('Not snoozed: This worker is no longer there.');
    expect(bridge.asked).toEqual([{ name: 'worker.snooze', args: ['child', '15min'] }]);
  });
});
