import { describe, expect, it } from 'vitest';
import { withoutSecrets, withSecrets } from '../../../../src/server/api/secrets';
import type { SettingsView } from '../../../../src/shared/ipc';
import { defaultSettings, mergeSettings } from '../../../../src/shared/settings';

const PASSWORD = 'p%40ss:w0rd';
const ADDRESSES = [
  `http://me:${PASSWORD}@127.0.0.1:4096/`,
  `https://me:p@ss@host/x?y=a@b`,
  `http://${PASSWORD}@host`,
  'http://host/a@b',
  'http://host',
];
const SHOWN = ['http://…@127.0.0.1:4096/', 'https://…@host/x?y=a@b', 'http://…@host', 'http://host/a@b', 'http://host'];

const settings = { ...defaultSettings(), opencodeServers: ADDRESSES };
const view: SettingsView = {
  ...{ settings, pinned: [], errors: [], file: '/settings.json' },
  doors: { api: null, gateway: null, problems: [] },
};

describe('addresses of servers', () => {
  it('are shown without user and password', () => {
    expect(withoutSecrets(view).settings.opencodeServers).toEqual(SHOWN);
    expect(view.settings.opencodeServers).toEqual(ADDRESSES);
    expect(
      withoutSecrets({ ...view, settings: { ...settings, IDLEWATCH_UPSTREAM: ADDRESSES[0] ?? null } }).settings,
    ).toMatchObject({ IDLEWATCH_UPSTREAM: SHOWN[0] });
  });

  it('as they are shown are settings, so that a page may send them back', () => {
    expect(mergeSettings(defaultSettings(), { opencodeServers: SHOWN, IDLEWATCH_UPSTREAM: SHOWN[0] }, 'test').ok).toBe(
      true,
    );
  });

  it('that come back as they were shown mean what they were', () => {
    expect(withSecrets({ opencodeServers: SHOWN.toReversed(), killGraceMs: 1 }, settings)).toEqual({
      opencodeServers: ADDRESSES.toReversed(),
      killGraceMs: 1,
    });
  });

  it('that are new, or are taken away, or are no addresses, stay as they are', () => {
    const patch = { opencodeServers: ['http://you:new@127.0.0.1:4096/', 7, null], IDLEWATCH_UPSTREAM: null };
    expect(withSecrets(patch, settings)).toEqual(patch);
    expect(withSecrets({ opencodeServers: 'http://…@host' }, settings)).toEqual({ opencodeServers: 'http://…@host' });
  });

  it('whose password nobody knows are refused', () => {
    expect(() => withSecrets({ opencodeServers: ['http://…@other'] }, settings)).toThrow(
      'opencodeServers has "http://…@other", of which no user and password are known; give them anew',
    );
    expect(() => withSecrets({ IDLEWATCH_UPSTREAM: 'http://…@other' }, settings)).toThrow('IDLEWATCH_UPSTREAM has');
  });
});
