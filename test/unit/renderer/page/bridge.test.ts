import type { EventSourceMessage } from 'eventsource-parser';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type PageApi, SignedOut } from '../../../../src/renderer/page/api';
import { createPageBridge } from '../../../../src/renderer/page/bridge';
import { connect } from '../../../../src/renderer/state/connection';
import { createAppStore } from '../../../../src/renderer/state/store';
import type { Focus, SettingsView, StreamEvents } from '../../../../src/shared/ipc';
import { defaultSettings } from '../../../../src/shared/settings';
import { makeDelta, makeRow, makeSnapshot } from '../../../fixtures/renderer/pictures';

const settings: SettingsView = {
  settings: defaultSettings(),
  pinned: [],
  errors: [],
  file: '/s.json',
  doors: { api: null, gateway: null, problems: [] },
};

/** As much of a page as a bridge looks at. */
class Page extends EventTarget {
  hidden = false;
  show(shown: boolean): void {
    this.hidden = !shown;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

interface Stream {
  send<E extends keyof StreamEvents>(event: E, data: StreamEvents[E]): void;
  fail(error: Error): void;
  signal: AbortSignal;
}

/** A bridge whose streams are sent by hand, one after the other, and the window's store on it. */
function bridged() {
  const streams: Stream[] = [];
  const focused: { viewer: string; focus: Focus }[] = [];
  const asked: string[] = [];
  const answers: { invoke?: () => Promise<never> } = {};
  const signedOut = vi.fn();
  const copied: string[] = [];
  const moves: string[] = [];
  const page = new Page();
  const api: Pick<PageApi, 'invoke' | 'focus' | 'follow'> = {
    follow: (onEvent, signal) =>
      new Promise((_, reject) => {
        const send: Stream['send'] = (event, data) =>
          onEvent({ event, data: JSON.stringify(data) } as EventSourceMessage);
        streams.push({ send, fail: reject, signal });
      }),
    focus: async (viewer, focus) => void focused.push({ viewer, focus }),
    async invoke(name) {
      asked.push(name);
      if (answers.invoke) return answers.invoke();
      return settings as never;
    },
  };
  const bridge = createPageBridge({
    ...{ api, page: page as unknown as Document, onSignedOut: signedOut },
    copy: async (text) => void copied.push(text),
    onMoved: (was, is) => {
      moves.push(`${was} → ${is}`);
      return 'the tunnel leads nowhere';
    },
  });
  const store = createAppStore();
  const asks = { select() {}, askKill() {}, askReap() {} };
  const connection = connect(bridge, store, asks, () => 0);
  const latest = () => {
    const stream = streams.at(-1);
    if (!stream) throw new Error('no stream was opened');
    return stream;
  };
  const open = (seq: number, viewer = 'v') =>
    latest().send('open', { viewer, snapshot: makeSnapshot(seq, [makeRow({ name: `at-${seq}` })]), settings });
  const shown = () => store.getState().snapshot?.workers.map(({ name, state }) => `${name} ${state}`);
  return {
    bridge,
    connection,
    store,
    page,
    streams,
    latest,
    open,
    shown,
    focused,
    asked,
    answers,
    signedOut,
    copied,
    moves,
  };
}

const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the picture of a page', () => {
  it('is the one the stream begins with, and what its deltas change', async () => {
    const { latest, open, shown, store, bridge } = bridged();
    open(4);
    latest().send('delta', makeDelta(5, { changed: [makeRow({ name: 'at-4', state: 'stalled' })] }));
    await settled();
    expect(shown()).toEqual(['at-4 stalled']);
    latest().send('delta', makeDelta(6, { changed: [makeRow({ name: 'new' })] }));
    expect(shown()).toEqual(['at-4 stalled', 'new busy']);
    expect(store.getState().settings).toEqual(settings);
    expect((await bridge.invoke('snapshot.get')).seq).toBe(6);
  });

  it('is asked for anew where a delta is missing', async () => {
    const { latest, open, shown, streams } = bridged();
    open(4);
    await settled();
    latest().send('delta', makeDelta(9));
    expect(streams).toHaveLength(2);
    expect(streams[0]?.signal.aborted).toBe(true);
    open(12);
    await settled();
    expect(shown()).toEqual(['at-12 busy']);
  });

  it('says that it does not go on, and goes on by itself', async () => {
    const { latest, open, shown, store, streams } = bridged();
    open(4);
    await settled();
    latest().fail(new Error('the connection to idlewatch broke off'));
    await settled();
    expect(store.getState().lost).toBe('the connection to idlewatch broke off');
    expect(shown()).toEqual(['at-4 busy']);
    await vi.advanceTimersByTimeAsync(500);
    expect(streams).toHaveLength(2);
    // An engine that began anew counts anew.
    open(1);
    await settled();
    expect(store.getState().lost).toBeNull();
    expect(shown()).toEqual(['at-1 busy']);
  });

  it('comes by itself also where the first try failed', async () => {
    const { latest, open, shown, store } = bridged();
    latest().fail(new Error('no answer came from idlewatch'));
    await settled();
    expect(store.getState().failure).toBe('no answer came from idlewatch');
    await vi.advanceTimersByTimeAsync(500);
    open(3);
    await settled();
    expect(shown()).toEqual(['at-3 busy']);
    expect(store.getState().failure).toBeNull();
  });

  it('is tried for ever more rarely, and at once when a person asks', async () => {
    const { latest, streams, connection, open } = bridged();
    const waits: number[] = [];
    for (let at = 0; at < 7; at += 1) {
      latest().fail(new Error('no answer came from idlewatch'));
      const before = streams.length;
      let waited = 0;
      for (; streams.length === before; waited += 500) await vi.advanceTimersByTimeAsync(500);
      waits.push(waited);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    latest().fail(new Error('no answer came from idlewatch'));
    await settled();
    const before = streams.length;
    void connection.refresh();
    expect(streams).toHaveLength(before + 1);
    open(1);
    await settled();
    latest().fail(new Error('it closed'));
    await vi.advanceTimersByTimeAsync(500);
    expect(streams).toHaveLength(before + 2);
  });
});

describe('a server that moves', () => {
  const at = (api: string | null): SettingsView => ({ ...settings, doors: { ...settings.doors, api } });
  const begins = (viewer: string, api: string) => ({ viewer, snapshot: makeSnapshot(1, []), settings: at(api) });

  it('is gone after, and why the connection was lost is said until there is one again', async () => {
    const { latest, moves, store } = bridged();
    latest().send('open', begins('v', 'http://127.0.0.1:1'));
    await settled();
    latest().send('settings', at('http://127.0.0.1:1'));
    expect(moves).toEqual([]);
    latest().send('settings', at('http://127.0.0.1:2'));
    expect(moves).toEqual(['http://127.0.0.1:1 → http://127.0.0.1:2']);
    expect(store.getState().settings?.doors.api).toBe('http://127.0.0.1:2');
    for (const waitMs of [500, 1_000]) {
      latest().fail(new Error('no answer came from idlewatch'));
      await settled();
      expect(store.getState().lost).toBe('the tunnel leads nowhere');
      await vi.advanceTimersByTimeAsync(waitMs);
    }
    latest().send('open', begins('w', 'http://127.0.0.1:3'));
    expect(moves).toHaveLength(1);
    latest().fail(new Error('no answer came from idlewatch'));
    await settled();
    expect(store.getState().lost).toBe('no answer came from idlewatch');
  });

  it('has not moved while it is closed', () => {
    const { latest, moves } = bridged();
    latest().send('open', begins('v', 'http://127.0.0.1:1'));
    latest().send('settings', at(null));
    expect(moves).toEqual([]);
  });
});

describe('a page nobody sees', () => {
  it('has no stream, and gets the picture anew when it is seen again', async () => {
    const { page, open, shown, streams, store } = bridged();
    open(4);
    await settled();
    page.show(false);
    expect(streams[0]?.signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(streams).toHaveLength(1);
    expect(store.getState().lost).toBeNull();
    page.show(true);
    expect(streams).toHaveLength(2);
    open(9);
    await settled();
    expect(shown()).toEqual(['at-9 busy']);
  });

  it('does not try again to reach who is gone', async () => {
    const { page, latest, streams } = bridged();
    latest().fail(new Error('no answer came from idlewatch'));
    await settled();
    page.show(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(streams).toHaveLength(1);
    page.show(true);
    expect(streams).toHaveLength(2);
  });
});

describe('what a person looks at', () => {
  it('is told to their own stream, and again to the next one', async () => {
    const { bridge, open, focused, latest } = bridged();
    const focus: Focus = { visible: ['a'], selected: 'a' };
    await bridge.invoke('view.focus', focus);
    expect(focused).toEqual([]);
    open(1, 'first');
    expect(focused).toEqual([{ viewer: 'first', focus }]);
    await settled();
    latest().fail(new Error('it closed'));
    await vi.advanceTimersByTimeAsync(500);
    open(1, 'second');
    expect(focused.at(-1)).toEqual({ viewer: 'second', focus });
  });
});

describe('who is not signed in any more', () => {
  it('is told so by the stream, and nothing is tried again', async () => {
    const { latest, streams, signedOut, store } = bridged();
    latest().fail(new SignedOut('no token was given'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(signedOut).toHaveBeenCalledOnce();
    expect(streams).toHaveLength(1);
    expect(store.getState().lost).toBeNull();
  });

  it('is told so by a command', async () => {
    const { bridge, answers, signedOut } = bridged();
    answers.invoke = () => Promise.reject(new SignedOut('no token was given'));
    await expect(bridge.invoke('watch.pause', true)).rejects.toThrow('no token was given');
    expect(signedOut).toHaveBeenCalledOnce();
  });
});

describe('what a page is asked to do', () => {
  it('goes to the engine, but for the clipboard, which is its own', async () => {
    const { bridge, asked, copied } = bridged();
    await bridge.invoke('watch.pause', true);
    expect(asked).toContain('watch.pause');
    await bridge.invoke('clipboard.write', 'an id');
    expect(copied).toEqual(['an id']);
  });

  it('opens nothing on a machine it may not be on', async () => {
    const { bridge, asked } = bridged();
    await expect(bridge.invoke('worker.openFolder', 'a')).rejects.toThrow('a browser opens nothing');
    await expect(bridge.invoke('worker.openLog', 'a')).rejects.toThrow('a browser opens nothing');
    expect(asked).toEqual(['settings.get']);
  });

  it('stops with the bridge', async () => {
    const { bridge, open, streams, page } = bridged();
    open(1);
    await settled();
    bridge.close();
    expect(streams[0]?.signal.aborted).toBe(true);
    page.show(false);
    page.show(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(streams).toHaveLength(1);
  });
});
