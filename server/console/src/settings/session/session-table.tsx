import type { Session } from '@launchlog/sdk';
import { Button } from '../../ui/button.js';
import { Moment } from '../moment.js';
import { RowsTable } from '../rows-table.js';
import { useRows } from '../use-rows.js';

interface SessionTableProps {
  /** Undefined until they have arrived. */
  readonly sessions: readonly Session[] | undefined;
  readonly busy: boolean;
  readonly onEnd: (session: Session) => void;
}

const textOf = ({ id, name, way, address, client }: Session) => [id, name, way, address, client].join(' ');

export function SessionTable({ sessions, busy, onEnd }: SessionTableProps) {
  const rows = useRows(sessions, textOf);
  if (sessions?.length === 0)
    return <p className="empty muted">Nobody is signed in: this page uses a token of its own.</p>;
  return (
    <RowsTable
      rows={rows}
      label="Sessions"
      columns={['Who', 'By', 'From', 'Seen', 'Ends', '']}
      isLoading={sessions === undefined}
      row={(session) => <SessionRow key={session.id} session={session} busy={busy} onEnd={onEnd} />}
    />
  );
}

type SessionRowProps = Pick<SessionTableProps, 'busy' | 'onEnd'> & { readonly session: Session };

function SessionRow({ session, busy, onEnd }: SessionRowProps) {
  const { name, way, address, client, seenAt, beganAt, endsAt, current } = session;
  return (
    <tr>
      <th scope="row">
        {name}
        {current && <span className="sub">this session</span>}
      </th>
      <td>{way}</td>
      <td>
        {address ?? <span className="muted">not known</span>}
        {client !== undefined && <span className="sub">{client}</span>}
      </td>
      <td>
        <Moment at={seenAt ?? beganAt} never="" />
      </td>
      <td>
        <Moment at={endsAt} never="never" />
      </td>
      <td className="row-actions">
        <Button disabled={busy} onClick={() => onEnd(session)}>
          Sign out
        </Button>
      </td>
    </tr>
  );
}
