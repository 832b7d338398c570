import type { Stray } from '@launchlog/sdk';
import { nodePath } from '../../router/route.js';
import { Link } from '../../router/link.js';
import { Button } from '../../ui/button.js';
import { Moment } from '../moment.js';
import { RowsTable } from '../rows-table.js';
import { useRows } from '../use-rows.js';

interface StrayTableProps {
  /** Undefined until they have arrived. */
  readonly strays: readonly Stray[] | undefined;
  readonly busy: boolean;
  readonly onTerminate: (stray: Stray) => void;
}

const PILLS = { ours: 'degraded', foreign: 'terminated', gone: 'lost' } as const;

const textOf = ({ name, kind, state, place, reason, nodeId, problem }: Stray) =>
  [name, kind, state, place, reason, nodeId, problem].join(' ');

export function StrayTable({ strays, busy, onTerminate }: StrayTableProps) {
  const rows = useRows(strays, textOf);
  if (strays?.length === 0)
    return (
      <p className="empty muted">
        There are no strays: each cluster has its node, and each active node its cluster.
      </p>
    );
  return (
    <RowsTable
      rows={rows}
      label="Strays"
      columns={['Cluster', 'Kind', 'Place', 'Age', 'Found', 'Why', '']}
      isLoading={strays === undefined}
      row={(stray) => <StrayRow key={stray.name} stray={stray} busy={busy} onTerminate={onTerminate} />}
    />
  );
}

type StrayRowProps = Pick<StrayTableProps, 'busy' | 'onTerminate'> & { readonly stray: Stray };

function StrayRow({ stray, busy, onTerminate }: StrayRowProps) {
  return (
    <tr>
      <th scope="row">
        {stray.name}
        {stray.nodeId !== undefined && (
          <span className="sub">
            node <Link to={nodePath(stray.nodeId)}>{stray.nodeId.slice(0, 8)}</Link>
          </span>
        )}
      </th>
      <td>
        <span className={`pill pill-${PILLS[stray.kind]}`}>
          <span className="pill-dot" aria-hidden="true" />
          {stray.kind}
        </span>
        {stray.state !== undefined && <span className="sub">{stray.state}</span>}
      </td>
      <td>{stray.place ?? <span className="muted">not known</span>}</td>
      <td>
        <Moment at={stray.launchedAt} never="not known" />
      </td>
      <td>
        <Moment at={stray.foundAt} never="" />
      </td>
      <td>
        {stray.reason}
        {stray.problem !== undefined && <span className="sub">Not removed: {stray.problem}</span>}
      </td>
      <td className="row-actions">
        <Action stray={stray} busy={busy} onTerminate={onTerminate} />
      </td>
    </tr>
  );
}

interface ActionProps {
  readonly stray: Stray;
  readonly busy: boolean;
  readonly onTerminate: (stray: Stray) => void;
}

function Action({ stray, busy, onTerminate }: ActionProps) {
  switch (stray.kind) {
    case 'foreign':
      return <span className="muted">untouchable</span>;
    case 'gone':
      return stray.nodeId !== undefined && <Link to={nodePath(stray.nodeId)}>Terminate the node</Link>;
    case 'ours':
      if (stray.terminatedBy !== undefined)
        return <span className="muted">being removed, asked by {stray.terminatedBy}</span>;
      return (
        <Button disabled={busy} onClick={() => onTerminate(stray)}>
          Terminate
        </Button>
      );
  }
}
