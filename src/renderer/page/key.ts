const NAME = 'idlewatch-key';

/**
 * The key of this browser's session, kept for this origin alone: another program's page on another port of this machine
 * is another origin. All tabs share it; each is told when another one signs in or out.
 */
export interface KeyKeeper {
  read(): string | null;
  put(key: string | null): void;
  onChange(listener: () => void): () => void;
}

export function createKeyKeeper(
  page: Pick<Window, 'localStorage' | 'addEventListener' | 'removeEventListener'>,
): KeyKeeper {
  return {
    read: () => page.localStorage.getItem(NAME),
    put(key) {
      if (key === null) page.localStorage.removeItem(NAME);
      else page.localStorage.setItem(NAME, key);
    },
    onChange(listener) {
      page.addEventListener('storage', listener);
      return () => page.removeEventListener('storage', listener);
    },
  };
}
