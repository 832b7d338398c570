import type { NodeCounts } from '@launchlog/sdk';
import { NodeFilters } from '../node/node-filters.js';
import type { NodeQuery } from '../node/node-query.js';
import { listQueryOf } from '../node/node-query.js';
import { NodeTable } from '../node/node-table.js';
import { useNodeList } from '../node/use-node-list.js';

interface DeploymentNodesProps {
  readonly deploymentId: string;
  readonly query: NodeQuery;
  readonly onChange: (query: NodeQuery) => void;
  /** The counts of the whole deployment. */
  readonly counts: NodeCounts | undefined;
}

/** The table of a deployment's nodes, which can be closed to leave the page to the log. */
export function DeploymentNodes({ deploymentId, query, onChange, counts }: DeploymentNodesProps) {
  const list = useNodeList({ ...listQueryOf(query), deploymentId });
  return (
    <details className="deployment-nodes" open>
      <summary>Nodes</summary>
      <NodeFilters counts={counts} query={query} onChange={onChange} />
      <NodeTable list={list} query={query} onChange={onChange} framed />
    </details>
  );
}
