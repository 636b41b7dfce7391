import type { SettingsView } from '../../shared/ipc';
import { show } from '../../shared/setting-words';
import type { Settings } from '../../shared/settings';
import { invalid } from './faults';

/** Stands for user and password of an address. */
const MASK = '…';
const USER_PART = /^(https?:\/\/)[^/?#]*@/i;

/** A view that may be shown: user and password are left out of addresses. */
export function withoutSecrets(view: SettingsView): SettingsView {
  const { opencodeServers, IDLEWATCH_UPSTREAM } = view.settings;
  const settings: Settings = {
    ...view.settings,
    opencodeServers: opencodeServers.map(masked),
    IDLEWATCH_UPSTREAM: IDLEWATCH_UPSTREAM && masked(IDLEWATCH_UPSTREAM),
  };
  return { ...view, settings };
}

/**
 * A patch with the users and passwords that were left out of what was shown: an address that comes back as it was shown
 * means the one it was. Throws an ApiError where it fits none.
 */
export function withSecrets(patch: Record<string, unknown>, settings: Settings): Record<string, unknown> {
  const known = [...settings.opencodeServers, settings.IDLEWATCH_UPSTREAM].filter((address) => address !== null);
  const meant = (key: string, given: unknown) => {
    if (typeof given !== 'string' || given !== masked(given) || !USER_PART.test(given)) return given;
    const address = known.find((each) => masked(each) === given);
    if (address) return address;
    throw invalid(`${key} has ${show(given)}, of which no user and password are known; give them anew`);
  };
  const whole = { ...patch };
  if (Array.isArray(patch.opencodeServers)) {
    whole.opencodeServers = patch.opencodeServers.map((each: unknown) => meant('opencodeServers', each));
  }
  if (patch.IDLEWATCH_UPSTREAM) whole.IDLEWATCH_UPSTREAM = meant('IDLEWATCH_UPSTREAM', patch.IDLEWATCH_UPSTREAM);
  return whole;
}

function masked(address: string): string {
  return address.replace(USER_PART, `$1${MASK}@`);
}
