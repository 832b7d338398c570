import type { AccessToken } from '@launchlog/sdk';
import { Button } from '../../ui/button.js';
import { EmptySettings } from '../empty-settings.js';
import { Moment } from '../moment.js';
import { RowsTable } from '../rows-table.js';
import { useRows } from '../use-rows.js';

interface TokenTableProps {
  /** Undefined until they have arrived. */
  readonly tokens: readonly AccessToken[] | undefined;
  readonly busy: boolean;
  readonly onRotate: (token: AccessToken) => void;
  readonly onRevoke: (token: AccessToken) => void;
}

const textOf = ({ id, name, scopes, deploymentId, tenantId, createdBy, revokedAt }: AccessToken) =>
  [id, name, ...scopes, deploymentId, tenantId, createdBy, revokedAt && 'revoked'].join(' ');

export function TokenTable({ tokens, busy, onRotate, onRevoke }: TokenTableProps) {
  const rows = useRows(tokens, textOf);
  if (tokens?.length === 0)
    return (
      <EmptySettings command="tokens create ci --scope read,launch">
        There is only the admin token. Make a named one for each person and program: then the audit trail has
        names.
      </EmptySettings>
    );
  return (
    <RowsTable
      rows={rows}
      label="Tokens"
      columns={['Name', 'May', 'Only', 'Created', 'Last used', 'Ends', '']}
      isLoading={tokens === undefined}
      row={(token) => (
        <TokenRow key={token.id} token={token} busy={busy} onRotate={onRotate} onRevoke={onRevoke} />
      )}
    />
  );
}

type TokenRowProps = Pick<TokenTableProps, 'busy' | 'onRotate' | 'onRevoke'> & {
  readonly token: AccessToken;
};

function TokenRow({ token, busy, onRotate, onRevoke }: TokenRowProps) {
  return (
    <tr>
      <th scope="row">{token.name}</th>
      <td>{token.scopes.join(', ')}</td>
      <td>{token.deploymentId ?? token.tenantId ?? <span className="muted">all nodes</span>}</td>
      <td>
        <Moment at={token.createdAt} never="" /> <span className="muted">by {token.createdBy}</span>
      </td>
      <td>
        <Moment at={token.lastUsedAt} never="never" />
      </td>
      <td>{token.revokedAt === undefined ? <Moment at={token.expiresAt} never="never" /> : 'revoked'}</td>
      <td className="row-actions">
        {token.revokedAt === undefined && (
          <>
            <Button disabled={busy} onClick={() => onRotate(token)}>
              Rotate
            </Button>
            <Button disabled={busy} onClick={() => onRevoke(token)}>
              Revoke
            </Button>
          </>
        )}
      </td>
    </tr>
  );
}
