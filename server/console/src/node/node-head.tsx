import type { Node } from '@launchlog/sdk';
import { useServices } from '../shell/services.js';
import { formatDuration } from '../time/format-time.js';
import { Link } from '../ui/link.js';
import { useStore } from '../ui/use-store.js';
import { NodeActions } from './node-actions.js';
import { PHASE_WORDS } from './node-words.js';
import { PhaseBar } from './phase-bar.js';
import { launchDurationMs } from './phase-step.js';
import { StatusPill } from './status-pill.js';

export function NodeHead({ node }: { node: Node }) {
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
        <NodeActions node={node} />
      </div>
      <Progress node={node} />
    </header>
  );
}

function Progress({ node }: { node: Node }) {
  const nowMs = useStore(useServices().ticker.store);
  const took = formatDuration(launchDurationMs(node, nowMs));
  return (
    <div className="node-progress">
      <PhaseBar node={node} />
      <p>
        <span role="status">{PHASE_WORDS[node.phase]}</span>
        {node.queuePosition !== undefined && (
          <span className="muted">place {node.queuePosition} in the queue</span>
        )}
        <span className="tabular">{node.progress} %</span>
        <span className="muted tabular">
          {node.endedAt === undefined ? `${took} so far` : `after ${took}`}
        </span>
        {node.eta !== undefined && node.status === 'launching' && (
          <span
            className="tabular"
            title={`Forecast from ${node.eta.samples} past launches`}
          >{`about ${formatDuration(node.eta.seconds * 1_000)} left`}</span>
        )}
      </p>
    </div>
  );
}
