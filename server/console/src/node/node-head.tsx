import type { Node } from '@launchlog/sdk';
import { Link } from '../router/link.js';
import { useRights } from '../session/session-store.js';
import { formatDuration } from '../time/format-time.js';
import { useNow } from '../time/ticker.js';
import { phaseLabel } from '../ui/labels.js';
import { NodeActions } from './node-actions.js';
import { NodeMenu } from './node-menu.js';
import { PhaseBar } from './phase-bar.js';
import { launchDurationMs } from './phase-step.js';
import { StatusPill } from './status-pill.js';

export function NodeHead({ node }: { node: Node }) {
  const { mayLaunch } = useRights();
  return (
    <header className="node-head">
      <div className="page-head">
        <nav aria-label="Breadcrumb" className="crumbs">
          <Link to="/">Nodes</Link>
          <span aria-hidden="true">/</span>
        </nav>
        <h1 className="mono">{node.clusterName}</h1>
        <StatusPill node={node} />
        <span className="spacer" />
        {mayLaunch && <NodeActions node={node} />}
        <NodeMenu node={node} />
      </div>
      <Progress node={node} />
    </header>
  );
}

function Progress({ node }: { node: Node }) {
  const nowMs = useNow();
  return (
    <div className="node-progress">
      <PhaseBar node={node} />
      <p>
        <span role="status">{phaseLabel(node)}</span>
        {node.queuePosition !== undefined && (
          <span className="muted">number {node.queuePosition} in the queue</span>
        )}
        <span className="tabular">{node.progress} %</span>
        <span className="muted tabular">{tookText(node, nowMs)}</span>
        {node.eta !== undefined && node.status === 'launching' && !node.stalled && (
          <span
            className="tabular"
            title={`Forecast based on ${node.eta.samples} past launches`}
          >{`about ${formatDuration(node.eta.seconds * 1_000)} left`}</span>
        )}
      </p>
    </div>
  );
}

function tookText(node: Node, nowMs: number): string {
  const took = formatDuration(launchDurationMs(node, nowMs));
  if (node.endedAt === undefined) return `${took} so far`;
  return node.phase === 'active' ? `launched in ${took}` : `after ${took}`;
}
