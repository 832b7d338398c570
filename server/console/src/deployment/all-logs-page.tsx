import { useEffect } from 'react';
import { useServices } from '../services.js';
import { useStore } from '../ui/store.js';
import { MergedLog } from './merged-log.js';

export function AllLogsPage() {
  const { nodes, notifier } = useServices();
  const { nodes: all, loading } = useStore(nodes.store);
  useEffect(() => notifier.setPage('All logs'), [notifier]);
  return (
    <div className="page page-log">
      <header className="page-head">
        <h1>All logs</h1>
        <span className="muted">
          launches that run or ended within the hour, and those to come, in one stream
        </span>
      </header>
      {all.length === 0 && !loading ? (
        <p className="empty muted">There are no nodes yet.</p>
      ) : (
        <MergedLog deploymentId={undefined} nodes={all} fileName="launchlog" />
      )}
    </div>
  );
}
