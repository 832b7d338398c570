import type { AccessToken } from '@launchlog/sdk';
import { useCallback, useState } from 'react';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { Button } from '../../ui/button.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { ShownOnceDialog } from '../../toast/shown-once-dialog.js';
import { LoadFault } from '../load-fault.js';
import { useChange } from '../use-change.js';
import { useLoaded } from '../use-loaded.js';
import { TokenDialog } from './token-dialog.js';
import { TokenTable } from './token-table.js';

/** Named tokens: who has one, what it may do, and when it was last used. */
export function TokenSection() {
  const client = useLaunchlogClient();
  const loaded = useLoaded(useCallback((signal: AbortSignal) => client.tokens.list({ signal }), [client]));
  const { value, problem, reload } = loaded;
  const { busy, change } = useChange();
  const [isNew, setNew] = useState(false);
  const [revoked, setRevoked] = useState<AccessToken>();
  const [secret, setSecret] = useState<string>();
  const rotate = ({ id }: AccessToken) =>
    change(async () => {
      setSecret((await client.tokens.rotate(id)).token);
      reload();
    });
  return (
    <>
      <div className="page-head">
        <p className="muted">
          People and programs sign in with tokens. A rotated token is valid for one more day.
        </p>
        <span className="spacer" />
        <Button look="primary" icon="plus" onClick={() => setNew(true)}>
          New token
        </Button>
      </div>
      <LoadFault what="tokens" loaded={loaded} />
      {(value !== undefined || problem === undefined) && (
        <TokenTable tokens={value} busy={busy} onRotate={rotate} onRevoke={setRevoked} />
      )}
      {isNew && (
        <TokenDialog
          onClose={() => setNew(false)}
          onCreated={(token) => {
            setNew(false);
            setSecret(token);
            reload();
          }}
        />
      )}
      <SecretShown secret={secret} onClose={() => setSecret(undefined)} />
      <RevokeQuestion
        token={revoked}
        onClose={() => setRevoked(undefined)}
        onRevoke={({ id }) => change(() => client.tokens.revoke(id).then(reload))}
      />
    </>
  );
}

function SecretShown({ secret, onClose }: { secret: string | undefined; onClose: () => void }) {
  if (secret === undefined) return undefined;
  const text = 'It is shown only now: the server keeps no copy.';
  return <ShownOnceDialog title="The token" text={text} secret={secret} onClose={onClose} />;
}

interface RevokeQuestionProps {
  readonly token: AccessToken | undefined;
  readonly onRevoke: (token: AccessToken) => void;
  readonly onClose: () => void;
}

function RevokeQuestion({ token, onRevoke, onClose }: RevokeQuestionProps) {
  if (token === undefined) return undefined;
  return (
    <ConfirmDialog
      title="Revoke this token?"
      action="Revoke"
      onClose={onClose}
      onConfirm={() => onRevoke(token)}
    >
      <p>
        Whatever uses <strong>{token.name}</strong> is refused from now on, and its streams end.
      </p>
    </ConfirmDialog>
  );
}
