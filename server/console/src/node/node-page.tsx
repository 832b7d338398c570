import { useEffect } from 'react';
import type { Node } from '@launchlog/sdk';
import { useNode } from '@launchlog/sdk/react';
import { LogViewer } from '../log/log-viewer.js';
import { useNodeLogFollower } from '../log/use-node-log-follower.js';
import { usePageTitle } from '../notify/launch-notifier.js';
import { parseLineAnchor } from '../log/line/line-anchor.js';
import { Link } from '../router/link.js';
import { useUrl } from '../router/url-store.js';
import { useStore } from '../state/store.js';
import { Loading } from '../time/loading.js';
import { PhoneViewChoice, usePhoneView } from '../ui/phone-views.js';
import { AttemptTrail } from './attempt-trail.js';
import { PhaseTimeline } from './gantt/phase-timeline.js';
import { NodeAlerts } from './node-alerts.js';
import { NodeFacts } from './node-facts.js';
import { NodeHead } from './node-head.js';
import { NodeOutput } from './output/node-output.js';
import { StaleBanner } from './stale-banner.js';
import { NodeStory } from './story/node-story.js';

export function NodePage({ nodeId }: { nodeId: string }) {
  const { node, isMissing } = useNode(nodeId);
  usePageTitle(node?.clusterName);
  if (node !== undefined) return <FoundNode node={node} />;
  if (!isMissing)
    return (
      <div className="page" aria-busy="true">
        <Loading what="the node" />
      </div>
    );
  return (
    <div className="empty">
      <h1>Node not found</h1>
      <p className="muted">
        The server has no node with the id or name {nodeId}. It may have been removed after the time that the
        server keeps nodes for.
      </p>
      <Link to="/">All nodes</Link>
    </div>
  );
}

function FoundNode({ node }: { node: Node }) {
  const follower = useNodeLogFollower(node.id);
  const { hash, jumps } = useStore(useUrl().store);
  const isLinked = parseLineAnchor(hash) !== undefined;
  const { view, show } = usePhoneView(node.status === 'failed' && !isLinked ? 'details' : 'log');
  useEffect(() => {
    if (isLinked) show('log');
  }, [show, isLinked, hash, jumps]);
  return (
    <div className={`page page-node phone-${view}`}>
      <NodeHead node={node} />
      <PhoneViewChoice view={view} show={show} details="Details" />
      <StaleBanner subject="This page" />
      <NodeAlerts node={node} follower={follower} />
      <div className="node-columns">
        <aside className="node-side" aria-label="Launch">
          <PhaseTimeline node={node} />
          <AttemptTrail attempts={node.attempts} />
          <NodeStory nodeId={node.id} />
          <NodeFacts node={node} />
        </aside>
        <NodeOutput node={node}>
          <LogViewer
            follower={follower}
            startMs={Date.parse(node.createdAt)}
            fileName={node.clusterName}
            epilogue={epilogueOf(node)}
            nodeId={node.id}
            nodes={undefined}
          />
        </NodeOutput>
      </div>
    </div>
  );
}

/** The log ends when the launch does. A node that has ended since is not served where its log states. */
function epilogueOf({ status, phase }: Node): string | undefined {
  if (phase !== 'active') return undefined;
  if (status === 'lost') return 'This node was lost after its launch: it is not served any more.';
  if (status === 'terminated') return 'This node was terminated after its launch: it is not served any more.';
  return status === 'terminating' ? 'This node is being terminated.' : undefined;
}
