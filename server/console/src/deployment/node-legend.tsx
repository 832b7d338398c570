import type { Node } from '@launchlog/sdk';
import type { NodeLabels } from '../log/line/node-labels.js';
import { StatusPill } from '../node/status-pill.js';
import { Link } from '../router/link.js';
import { nodePath } from '../router/route.js';

interface NodeLegendProps {
  readonly named: readonly Node[];
  readonly labels: NodeLabels;
  /** Number of further nodes whose lines are in the log. */
  readonly left: number;
}

export function NodeLegend({ named, labels, left }: NodeLegendProps) {
  return (
    <ul className="legend" aria-label="Nodes in this log">
      {named.map((node) => (
        <li key={node.id}>
          <Link to={nodePath(node.id)} className={`mono hue-${labels.get(node.id)?.hue ?? 0}`}>
            {node.clusterName}
          </Link>
          <StatusPill node={node} />
          {node.status === 'launching' && <span className="muted tabular">{node.progress} %</span>}
        </li>
      ))}
      {left > 0 && <li className="muted">and {left} older nodes</li>}
    </ul>
  );
}
