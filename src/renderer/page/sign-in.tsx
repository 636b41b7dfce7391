import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { errorWords } from '../state/store';
import './sign-in.css';

interface Props {
  /** Resolves with the key of the session; rejects in words. */
  signIn: (token: string) => Promise<string>;
  onSignedIn: (key: string) => void;
  /** Why the session before has ended. */
  ended: string | null;
}

/** Asks for the token. */
export function SignIn({ signIn, onSignedIn, ended }: Props) {
  const [token, setToken] = useState('');
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => field.current?.focus(), []);

  async function onSubmit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (asking) return;
    setAsking(true);
    setError(null);
    try {
      onSignedIn(await signIn(token));
    } catch (failure) {
      setAsking(false);
      setError(errorWords(failure));
      field.current?.select();
    }
  }

  const told = asking ? null : (error ?? ended);
  return (
    <main className="sign-in">
      <form className="card sign-in-form" onSubmit={(event) => void onSubmit(event)} noValidate>
        <h1>idlewatch</h1>
        <p className="dim">
          This page watches the agents on the machine it comes from. Sign in with its token, which{' '}
          <code>idlewatch token</code> prints there.
        </p>
        <label className="label" htmlFor={`${id}-token`}>
          Token
        </label>
        <input
          ref={field}
          id={`${id}-token`}
          className="field"
          type="password"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={token}
          aria-invalid={error !== null || undefined}
          aria-describedby={`${id}-told`}
          onChange={({ target }) => setToken(target.value)}
        />
        <p id={`${id}-told`} className={error === null ? 'sign-in-told' : 'tone-red sign-in-told'} role="alert">
          {told}
        </p>
        <button type="submit" className="button button-primary" disabled={asking || token.trim() === ''}>
          {asking ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
