import { costSoFar } from '@launchlog/shared/node-cost';
import type { Ref } from 'react';
import type { Node } from '@launchlog/sdk';
import { Link } from '../router/link.js';
import { deploymentPath, nodePath } from '../router/route.js';
import { formatDateTime, formatDuration } from '../time/format-time.js';
import { useNow } from '../time/ticker.js';
import { Icon } from '../ui/icon.js';
import { phaseLabel } from '../ui/labels.js';
import { formatDollars } from '@launchlog/shared/cost/dollars';
import { PhaseBar } from './phase-bar.js';
import { StatusPill } from './status-pill.js';

interface NodeRowProps {
  readonly ref?: Ref<HTMLTableRowElement>;
  /** From 0, in the whole list. */
  readonly index: number;
  readonly node: Node;
  readonly selected: boolean;
}

export function NodeRow({ ref, index, node, selected }: NodeRowProps) {
  const nowMs = useNow();
  const created = Date.parse(node.createdAt);
  const cost = costSoFar(node, nowMs);
  return (
    <tr
      ref={ref}
      data-index={index}
      // The row of the titles is the first.
      aria-rowindex={index + 2}
      className={selected ? 'selected' : undefined}
    >
      <th scope="row" className="column-name">
        <Link to={nodePath(node.id)} title={node.clusterName}>
          {node.clusterName}
        </Link>
        {node.deploymentId !== undefined && (
          <Link to={deploymentPath(node.deploymentId)} className="sub" title={node.deploymentId}>
            {node.deploymentId}
          </Link>
        )}
      </th>
      <td className="column-status">
        <StatusPill node={node} />
      </td>
      <td className="column-phase">
        <PhaseCell node={node} />
      </td>
      <td className="numeric column-eta">
        {node.eta === undefined || node.stalled ? <None /> : `~${formatDuration(node.eta.seconds * 1_000)}`}
      </td>
      <td className="column-place">
        {node.provider}
        <span className="sub">{node.region}</span>
      </td>
      <td className="column-gpu">
        {node.gpuCount > 1 ? `${node.gpuCount} × ${node.gpuType}` : node.gpuType}
        <span className="sub">{node.useSpot ? 'spot' : 'on demand'}</span>
      </td>
      <td className="column-model" title={node.modelName}>
        {node.modelName}
      </td>
      <td className="numeric column-age" title={formatDateTime(created)}>
        {formatDuration(nowMs - created)}
      </td>
      <td className="numeric column-cost">{cost === undefined ? <None /> : formatDollars(cost)}</td>
    </tr>
  );
}

function PhaseCell({ node }: { node: Node }) {
  const launching = node.status === 'launching';
  return (
    <>
      <span className="phase-cell">
        <span>
          {phaseLabel(node)}
          {node.queuePosition !== undefined && ` #${node.queuePosition}`}
        </span>
        {node.stalled && launching && (
          <span className="stalled" title="Longer than 95 of 100 launches before">
            <Icon name="alert" size={12} /> slow
          </span>
        )}
        <span className="muted tabular">{node.progress} %</span>
      </span>
      <PhaseBar node={node} />
    </>
  );
}

function None() {
  return (
    <span className="muted" aria-label="not known">
      –
    </span>
  );
}
