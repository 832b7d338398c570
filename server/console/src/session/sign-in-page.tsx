import { useEffect, useState } from 'react';
import type { FormEvent } from 'react';
import { Button } from '../ui/button.js';
import { Logo } from '../ui/logo.js';
import { TokenHelp } from './token-help.js';
import type { SessionState } from './session-store.js';
import { useSession } from './session-store.js';

export function SignInPage({ state }: { state: Extract<SessionState, { kind: 'signed_out' }> }) {
  const session = useSession();
  const [provider, setProvider] = useState<string>();
  useEffect(() => void session.identityProvider().then(setProvider), [session]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const token = new FormData(event.currentTarget).get('token');
    if (typeof token === 'string' && token !== '') void session.signIn(token);
  };
  return (
    <main className="sign-in">
      <form className="sign-in-card" onSubmit={submit}>
        <Logo />
        <h1>Sign in</h1>
        <label htmlFor="token">Admin token</label>
        <input
          id="token"
          name="token"
          type="password"
          autoComplete="current-password"
          autoFocus
          required
          aria-invalid={state.problem !== undefined}
          aria-describedby="token-help"
        />
        <TokenHelp provider={provider} />
        {state.problem !== undefined && (
          <p className="problem" role="alert">
            {state.problem}
          </p>
        )}
        <Button type="submit" look="primary" disabled={state.busy}>
          {state.busy ? 'Signing in…' : 'Sign in'}
        </Button>
        {provider !== undefined && (
          <a className="button button-plain" href={session.signOnUrl}>
            Sign in with {provider}
          </a>
        )}
      </form>
    </main>
  );
}
