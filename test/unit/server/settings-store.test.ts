import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createClock } from '../../../src/host/clock';
import { createFileEvents } from '../../../src/host/file-events';
import { createSettingsFile } from '../../../src/host/settings-file';
import { createSettingsStore, type SettingsStore } from '../../../src/server/settings-store';
import type { SettingsView } from '../../../src/shared/ipc';

let folder: string;
let path: string;
let stores: SettingsStore[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'idlewatch-settings-'));
  path = join(folder, 'settings.json');
  stores = [];
});
afterEach(() => {
  for (const store of stores) store.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = (values: unknown) => writeFileSync(path, JSON.stringify(values));
const inFile = () => JSON.parse(readFileSync(path, 'utf8'));

function open(environment: Record<string, string> = {}, options: Record<string, unknown> = {}): SettingsStore {
  const file = createSettingsFile(path, createFileEvents({ warn: () => {} }), createClock());
  const store = createSettingsStore({ file, environment, options });
  stores.push(store);
  return store;
}

describe('what is in force', () => {
  test('is the defaults where there is no file, and none is made', () => {
    const view = open().view();
    expect(view).toMatchObject({ pinned: [], errors: [], file: path });
    expect(view.settings.heartbeat_missing_secs).toBe(30);
    expect(existsSync(path)).toBe(false);
  });

  test('is file over defaults, environment over file, options over environment', () => {
    put({ killGraceMs: 1, heartbeat_missing_secs: 2, heartbeat_stale_secs: 3 });
    const { settings, pinned } = open(
      { heartbeat_missing_secs: '20', heartbeat_stale_secs: '30', PATH: '/bin' },
      { heartbeat_stale_secs: 300 },
    ).view();
    expect(settings).toMatchObject({ killGraceMs: 1, heartbeat_missing_secs: 20, heartbeat_stale_secs: 300 });
    expect(pinned).toEqual(['heartbeat_missing_secs', 'heartbeat_stale_secs']);
  });

  test('leaves out, at the start, only what is wrong, and names it', () => {
    put({ killGraceMs: 'soon', heartbeat_missing_secs: 2, colour: 'red' });
    const { settings, errors } = open({ heartbeat_stale_secs: 'x' }).view();
    expect(settings).toMatchObject({ killGraceMs: 5_000, heartbeat_missing_secs: 2, heartbeat_stale_secs: 60 });
    expect(errors.map(({ message }) => message)).toEqual([
      'settings.json: killGraceMs is "soon"; allowed is a whole number from 0 to 600000 (ms)',
      expect.stringContaining('settings.json: "colour" is not a setting; known are workerDirs,'),
      'environment: heartbeat_stale_secs is "x"; allowed is a number from 1 to 86400 (s)',
    ]);
  });

  test.each([
    ['half a file', '{"killGraceMs":', 'settings.json is not valid JSON'],
    ['a list', '[1]', 'settings.json holds no object of settings'],
  ])('is the defaults, with the reason, for %s', (_name, text, message) => {
    writeFileSync(path, text);
    const { settings, errors } = open().view();
    expect(settings.killGraceMs).toBe(5_000);
    expect(errors).toEqual([{ key: '(all)', from: 'settings.json', message: expect.stringContaining(message) }]);
  });

  test('is the defaults, with the reason, for a directory of that name', () => {
    mkdirSync(path);
    expect(open().view().errors[0]?.message).toContain('settings.json cannot be read');
  });

  test('keeps the order of the idle timeouts across file and environment', () => {
    put({ INITIAL_IDLE_TIMEOUT_MS: 20_000 });
    const { settings, errors } = open({ MIN_IDLE_TIMEOUT_MS: '25000' }).view();
    expect(errors.map(({ key, from }) => [key, from])).toEqual([['INITIAL_IDLE_TIMEOUT_MS', 'settings.json']]);
    expect([settings.MIN_IDLE_TIMEOUT_MS, settings.INITIAL_IDLE_TIMEOUT_MS]).toEqual([10_000, 30_000]);
  });
});

describe('the settings page', () => {
  test('keeps a limit that is none, which null means where it is not the default', () => {
    const store = open();
    expect(store.set({ gatewayRequestsPerMinute: null, IDLE_MEMORY_THRESHOLD_MB: null }, 'test').ok).toBe(true);
    expect(inFile()).toEqual({ gatewayRequestsPerMinute: null });
    expect(store.view().settings.gatewayRequestsPerMinute).toBeNull();
  });

  test('changes keys, keeps the others and removes with null', () => {
    put({ killGraceMs: 1, heartbeat_missing_secs: 2 });
    const store = open();
    const answer = store.set({ killGraceMs: 100, heartbeat_missing_secs: null }, 'test');
    expect(answer).toMatchObject({ ok: true, view: { settings: { killGraceMs: 100, heartbeat_missing_secs: 30 } } });
    expect(inFile()).toEqual({ killGraceMs: 100 });
    expect(readdirSync(folder)).toEqual(['settings.json']);
  });

  test('is refused as a whole when anything is wrong, and the file stays as it was', () => {
    put({ killGraceMs: 1 });
    const store = open();
    const answer = store.set({ heartbeat_missing_secs: 2, sweepIntervalMs: 0 }, 'test');
    expect(answer).toEqual({
      ok: false,
      errors: [
        {
          key: 'sweepIntervalMs',
          from: 'settings page',
          message: 'settings page: sweepIntervalMs is 0; allowed is a whole number from 1000 to 600000 (ms)',
        },
      ],
    });
    expect(inFile()).toEqual({ killGraceMs: 1 });
    expect(store.view().settings).toMatchObject({ killGraceMs: 1, heartbeat_missing_secs: 30 });
  });

  test('is not hindered by a wrong environment', () => {
    const store = open({ killGraceMs: 'soon' });
    expect(store.set({ heartbeat_missing_secs: 2 }, 'test')).toMatchObject({
      ok: true,
      view: { settings: { heartbeat_missing_secs: 2 }, errors: [{ from: 'environment' }] },
    });
  });

  test('does not overwrite a file that a person broke', () => {
    writeFileSync(path, '{ my notes');
    const answer = open().set({ killGraceMs: 1 }, 'test');
    expect(answer).toMatchObject({
      ok: false,
      errors: [{ message: expect.stringContaining('mend it by hand first') }],
    });
    expect(readFileSync(path, 'utf8')).toBe('{ my notes');
  });

  test('keeps what stands under a pinned key in the file, for later', () => {
    const store = open({}, { killGraceMs: 7 });
    expect(store.set({ killGraceMs: 100 }, 'test')).toMatchObject({ ok: true, view: { settings: { killGraceMs: 7 } } });
    expect(inFile()).toEqual({ killGraceMs: 100 });
  });
});

describe('an edit by hand', () => {
  function listening(store: SettingsStore): SettingsView[] {
    const views: SettingsView[] = [];
    store.onChange((view) => views.push(view));
    return views;
  }

  test('takes effect', async () => {
    const store = open();
    const views = listening(store);
    put({ killGraceMs: 42 });
    await vi.waitFor(() => expect(views.at(-1)?.settings.killGraceMs).toBe(42), 30_000);
  });

  test('that is wrong is named while the last good settings stay in force, until it is mended', async () => {
    put({ killGraceMs: 42, heartbeat_missing_secs: 7 });
    const store = open();
    const views = listening(store);
    put({ killGraceMs: -1, heartbeat_missing_secs: 8 });
    await vi.waitFor(() => expect(views.at(-1)?.errors).toHaveLength(1), 30_000);
    expect(store.view().settings).toMatchObject({ killGraceMs: 42, heartbeat_missing_secs: 7 });
    put({ killGraceMs: 43, heartbeat_missing_secs: 8 });
    await vi.waitFor(() => expect(views.at(-1)?.errors).toEqual([]), 30_000);
    expect(store.view().settings).toMatchObject({ killGraceMs: 43, heartbeat_missing_secs: 8 });
  });

  test('is told once, and not at all when nothing changed', async () => {
    put({ killGraceMs: 42 });
    const views = listening(open());
    put({ killGraceMs: 42 });
    put({ killGraceMs: 43 });
    await vi.waitFor(() => expect(views).toHaveLength(1), 30_000);
    expect(views[0]?.settings.killGraceMs).toBe(43);
  });
});
