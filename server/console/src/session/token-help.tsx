const COMMAND = 'cat data/admin-token';

/** Where the token is: another place for those whom an identity provider signs in than for who runs the server. */
export function TokenHelp({ provider }: { provider: string | undefined }) {
  if (provider !== undefined) {
    return (
      <p id="token-help" className="muted">
        You need no token to sign in with {provider}. Without an account there, ask an administrator for a
        token: <em>Settings, Tokens</em> creates one.
      </p>
    );
  }
  return (
    <p id="token-help" className="muted">
      It is the value of <code>ADMIN_TOKEN</code>, or else what the server printed at its start and keeps in
      the file <code>admin-token</code> of its <code>DATA_DIR</code>:
      <code className="token-command">{COMMAND}</code>
      In the container, <code>cat /data/admin-token</code>. A token from <em>Settings, Tokens</em> signs in
      too.
    </p>
  );
}
