const MARK = '#moved';
const ARRIVED =
  'The port of idlewatch was changed, and this is its new address. A session holds for one address alone: sign in here once more.';

/**
 * The server of the page listens at another address now (`was`, `is`: `http://127.0.0.1:4747`). The page goes there, by the
 * name it has in this browser; where it came through a tunnel it stays, and what is returned says that it leads nowhere.
 * The session's key does not go with it: an address is no place for it, and nothing else is shared with another port.
 */
export function followServer(
  was: string,
  is: string,
  page: Pick<Location, 'hostname' | 'port' | 'replace'>,
): string | null {
  const next = new URL(is);
  if (page.port !== new URL(was).port) {
    return `idlewatch is at port ${next.port || 80} of its machine now, where this page’s tunnel does not lead`;
  }
  next.hostname = page.hostname;
  next.hash = MARK;
  page.replace(next.href);
  return null;
}

/** Why the person is at this address, where its server moved here; said once. */
export function arrivalWords(page: Pick<Location, 'hash'>, history: Pick<History, 'replaceState'>): string | null {
  if (page.hash !== MARK) return null;
  history.replaceState(null, '', '/');
  return ARRIVED;
}
