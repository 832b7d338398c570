import { PHASE_LABELS } from '@launchlog/sdk';
import type { Node } from '@launchlog/sdk';
import { formatDateTime, formatDuration } from '../time/format-time.js';
import { useNow } from '../time/ticker.js';
import { Icon } from '../ui/icon.js';
import { HEALTH_LABELS, LOSS_LABELS } from '../ui/labels.js';
import type { FollowedLog } from '../log/followed-log.js';
import { Endpoint } from './endpoint.js';
import { FailurePanel } from './failure/failure-panel.js';

interface NodeAlertsProps {
  readonly node: Node;
  readonly follower: FollowedLog | undefined;
}

/** What the reader should see first: the endpoint, the reason for a failure, or that the launch is slow. */
export function NodeAlerts({ node, follower }: NodeAlertsProps) {
  if (node.status === 'failed') {
    return <FailurePanel node={node} follower={follower} />;
  }
  if (node.status === 'launching' && node.stalled) return <StallWarning node={node} />;
  if (node.status === 'lost') return <LossAlert node={node} />;
  if (node.endpoint !== undefined && node.status === 'active') {
    return (
      <>
        <HealthAlert node={node} />
        <Endpoint endpoint={node.endpoint} />
      </>
    );
  }
  return undefined;
}

function LossAlert({ node }: { node: Node }) {
  return (
    <div className="banner banner-error" role="alert">
      <Icon name="alert" />
      <p>
        <strong>{LOSS_LABELS[node.lossReason ?? 'deleted']}.</strong> {node.healthReason}
        {node.terminatedAt !== undefined && (
          <span className="muted"> Last sign of life: {formatDateTime(Date.parse(node.terminatedAt))}.</span>
        )}
      </p>
    </div>
  );
}

function HealthAlert({ node }: { node: Node }) {
  const nowMs = useNow();
  const { health, healthSince, healthReason } = node;
  if (health === undefined || health === 'healthy') return undefined;
  return (
    <div className={`banner banner-${health === 'unreachable' ? 'error' : 'warn'}`} role="status">
      <Icon name="alert" />
      <p>
        <strong>
          {HEALTH_LABELS[health]}
          {healthSince !== undefined && ` for ${formatDuration(nowMs - Date.parse(healthSince))}`}.
        </strong>{' '}
        {healthReason}
      </p>
    </div>
  );
}

function StallWarning({ node }: { node: Node }) {
  const nowMs = useNow();
  const lasted = formatDuration(nowMs - Date.parse(node.phaseStartedAt));
  return (
    <div className="banner banner-warn" role="status">
      <Icon name="clock" />
      <p>
        <strong>This is taking longer than usual.</strong> {PHASE_LABELS[node.phase]} has lasted {lasted},
        longer than in 95 % of past launches.
      </p>
    </div>
  );
}
