import { useEffect, useState } from 'react';
import { App } from '../app';
import { createPageApi, type PageApi } from './api';
import { createPageBridge } from './bridge';
import type { KeyKeeper } from './key';
import { followServer } from './moving';
import { SignIn } from './sign-in';

const apiWith = (key: string | null): PageApi =>
  createPageApi({ origin: location.origin, key, fetch: (...args) => window.fetch(...args) });

interface Props {
  keeper: KeyKeeper;
  /** Why a person who was signed in elsewhere is here. */
  arrival: string | null;
}

/** The window once somebody has signed in, else the form to do so. */
export function Page({ keeper, arrival }: Props) {
  const [key, setKey] = useState(keeper.read);
  /** Why the person has to sign in again. */
  const [ended, setEnded] = useState(arrival);
  useEffect(() => keeper.onChange(() => setKey(keeper.read())), [keeper]);

  function keep(next: string | null, why: string | null): void {
    keeper.put(next);
    setKey(next);
    setEnded(why);
  }

  if (key === null) {
    return (
      <SignIn signIn={(token) => apiWith(null).signIn(token)} onSignedIn={(next) => keep(next, null)} ended={ended} />
    );
  }
  return <SignedIn key={key} sessionKey={key} onEnd={(why) => keep(null, why && (ended ?? why))} />;
}

interface SignedInProps {
  sessionKey: string;
  /** `why`: in words, where the person did not ask for it. */
  onEnd: (why: string | null) => void;
}

function SignedIn({ sessionKey, onEnd }: SignedInProps) {
  const [bridge] = useState(() =>
    createPageBridge({
      api: apiWith(sessionKey),
      page: document,
      copy: (text) => navigator.clipboard.writeText(text),
      onMoved: (was, is) => followServer(was, is, location),
      onSignedOut: () => onEnd('The session has ended: the token is another one now, or 30 days have passed.'),
    }),
  );
  useEffect(() => () => bridge.close(), [bridge]);

  async function signOut(): Promise<void> {
    // Where nobody answers, the browser's half of the session still goes.
    await apiWith(sessionKey)
      .signOut()
      .catch(() => {});
    onEnd(null);
  }

  return <App bridge={bridge} signOut={() => void signOut()} />;
}
