import { useNodesStore } from '../node/nodes-store.js';
import { usePageTitle } from '../notify/launch-notifier.js';
import { useStore } from '../state/store.js';
import { NoLogs } from './no-logs.js';
import { MergedLog } from './merged-log.js';

export function AllLogsPage() {
  const nodes = useNodesStore();
  const { nodes: all, loading } = useStore(nodes.store);
  usePageTitle('All logs');
  return (
    <div className="page page-log phone-log">
      <header className="page-head">
        <h1>All logs</h1>
        <span className="muted">
          running launches, those that ended within the last hour, and new ones, in one stream
        </span>
      </header>
      {all.length === 0 && !loading ? (
        <NoLogs />
      ) : (
        <MergedLog deploymentId={undefined} nodes={all} fileName="launchlog" />
      )}
    </div>
  );
}
