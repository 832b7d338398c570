import type { NodeCounts, NodeListQueryInput } from '@launchlog/sdk';
import { useMemo } from 'react';
import type { NodeQuery } from '../node/node-query.js';
import { prefixedQuery, readNodeQuery, writeNodeQuery } from '../node/node-query.js';
import { useNodeList } from '../node/use-node-list.js';
import { usePageTitle } from '../notify/launch-notifier.js';
import { Link } from '../router/link.js';
import { useUrl } from '../router/url-store.js';
import { PhoneViewChoice, usePhoneView } from '../ui/phone-views.js';
import { useStore } from '../state/store.js';
import { DeploymentNodes } from './deployment-nodes.js';
import { NoDeploymentNodes } from './no-deployment-nodes.js';
import { DeploymentTotals } from './deployment-totals.js';
import { MergedLog } from './merged-log.js';

/** The search in the log has the names without a prefix. */
const PREFIX = 'nodes-';
/** What is launching or active comes first. */
const ALL: NodeListQueryInput = { sort: 'live', counts: true };

/** All nodes of a deployment with their totals, and their logs as one stream. */
export function DeploymentPage({ deploymentId }: { deploymentId: string }) {
  const url = useUrl();
  const { search } = useStore(url.store);
  const query = useMemo(() => readNodeQuery(prefixedQuery(search, PREFIX)), [search]);
  const all = useNodeList({ ...ALL, deploymentId });
  const { nodes, counts, isLoading: loading } = all;
  usePageTitle(deploymentId);
  const change = (next: NodeQuery) => {
    const written = Object.entries(writeNodeQuery(next));
    url.patchSearch(Object.fromEntries(written.map(([name, value]) => [PREFIX + name, value])));
  };
  const { view, show } = usePhoneView('log');
  return (
    <div className={`page page-log phone-${view}`}>
      <header className="page-head">
        <nav aria-label="Breadcrumb" className="crumbs">
          <Link to="/">Nodes</Link>
          <span aria-hidden="true">/</span>
        </nav>
        <h1>{deploymentId}</h1>
        <span className="muted">deployment{counts !== undefined && `, ${nodesText(counts)}`}</span>
      </header>
      <PhoneViewChoice view={view} show={show} details="Nodes" />
      <DeploymentTotals counts={counts} />
      {nodes.length === 0 && !loading ? (
        <NoDeploymentNodes deploymentId={deploymentId} />
      ) : (
        <>
          <DeploymentNodes deploymentId={deploymentId} query={query} onChange={change} counts={counts} />
          <MergedLog deploymentId={deploymentId} nodes={nodes} fileName={deploymentId} />
        </>
      )}
    </div>
  );
}

function nodesText({ statuses }: NodeCounts): string {
  const all = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  return all === 1 ? '1 node' : `${all.toLocaleString('en-US')} nodes`;
}
