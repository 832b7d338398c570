import { useRef, useState } from 'react';
import type { Node } from '@launchlog/sdk';
import { useOpenDialog } from '../router/open-dialog.js';
import { nodePath } from '../router/route.js';
import { useUrl } from '../router/url-store.js';
import { useRights } from '../session/session-store.js';
import { useShortcut } from '../shortcut/use-shortcut.js';
import { Button } from '../ui/button.js';
import type { NodeQuery, SortKey } from './node-query.js';
import { NodeRow } from './node-row.js';
import { SortHeader } from './sort-header.js';

const COLUMNS: readonly { readonly key: SortKey; readonly label: string; readonly numeric?: boolean }[] = [
  { key: 'name', label: 'Node' },
  { key: 'status', label: 'Status' },
  { key: 'phase', label: 'Phase and progress' },
  { key: 'eta', label: 'ETA', numeric: true },
  { key: 'place', label: 'Provider, region' },
  { key: 'gpu', label: 'GPU' },
  { key: 'model', label: 'Model' },
  { key: 'age', label: 'Age', numeric: true },
  { key: 'cost', label: 'Cost', numeric: true },
];

interface NodeTableProps {
  readonly nodes: readonly Node[];
  readonly query: NodeQuery;
  readonly onChange: (query: NodeQuery) => void;
  readonly loading: boolean;
  readonly anyNodes: boolean;
}

export function NodeTable({ nodes, query, onChange, loading, anyNodes }: NodeTableProps) {
  const url = useUrl();
  const body = useRef<HTMLTableSectionElement>(null);
  const [selected, setSelected] = useState<string>();
  const move = (step: number) => {
    const index = nodes.findIndex((node) => node.id === selected);
    const next = nodes[Math.min(nodes.length - 1, Math.max(0, index + step))];
    if (next === undefined) return;
    setSelected(next.id);
    body.current?.querySelector<HTMLAnchorElement>(`a[href="${url.hrefOf(nodePath(next.id))}"]`)?.focus();
  };
  useShortcut({ keys: 'j', label: 'Next node', group: 'Nodes', run: () => move(1) });
  useShortcut({ keys: 'k', label: 'Previous node', group: 'Nodes', run: () => move(-1) });
  useShortcut({
    keys: 'o',
    label: 'Open the node',
    group: 'Nodes',
    run: () => selected !== undefined && url.go(nodePath(selected)),
  });
  return (
    <div className="table-frame" role="region" aria-label="Nodes" tabIndex={0}>
      <table className="table nodes-table" aria-busy={loading}>
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <SortHeader key={column.key} column={column} query={query} onChange={onChange} />
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {nodes.map((node) => (
            <NodeRow key={node.id} node={node} selected={node.id === selected} />
          ))}
        </tbody>
      </table>
      {nodes.length === 0 && !loading && <NoNodes filtered={anyNodes} />}
    </div>
  );
}

function NoNodes({ filtered }: { filtered: boolean }) {
  const dialog = useOpenDialog();
  const { mayLaunch } = useRights();
  if (filtered) return <p className="empty muted">No nodes match these filters.</p>;
  return (
    <div className="empty">
      <h2>No nodes yet</h2>
      {mayLaunch && (
        <>
          <p className="muted">Launch one and watch every step until it serves.</p>
          <Button look="primary" icon="plus" onClick={() => dialog.set('launch')}>
            Launch the first node
          </Button>
        </>
      )}
    </div>
  );
}
