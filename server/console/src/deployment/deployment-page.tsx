import { usePageTitle } from '../notify/launch-notifier.js';
import { Link } from '../router/link.js';
import { MergedLog } from './merged-log.js';
import { useDeploymentNodes } from './use-deployment-nodes.js';

export function DeploymentPage({ deploymentId }: { deploymentId: string }) {
  const { nodes: members, loading } = useDeploymentNodes(deploymentId);
  usePageTitle(deploymentId);
  return (
    <div className="page page-log">
      <header className="page-head">
        <nav aria-label="Breadcrumb" className="crumbs">
          <Link to="/">Nodes</Link>
          <span aria-hidden="true">/</span>
        </nav>
        <h1>{deploymentId}</h1>
        <span className="muted">
          deployment, {members.length === 1 ? '1 node' : `${members.length} nodes`}
        </span>
      </header>
      {members.length === 0 && !loading ? (
        <p className="empty muted">This deployment has no nodes.</p>
      ) : (
        <MergedLog deploymentId={deploymentId} nodes={members} fileName={deploymentId} />
      )}
    </div>
  );
}
