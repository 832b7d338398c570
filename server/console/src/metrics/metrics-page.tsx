import { useMemo } from 'react';
import { usePageTitle } from '../notify/launch-notifier.js';
import { useUrl } from '../router/url-store.js';
import { useStore } from '../state/store.js';
import { MetricsControls } from './metrics-controls.js';
import { MetricsPlots } from './metrics-plots.js';
import { MetricsTable } from './metrics-table.js';
import { MetricsTotal } from './metrics-total.js';
import { readMetricsView } from './metrics-window.js';
import { PhaseTable } from './phase-table.js';
import { useLaunchMetrics } from './use-launch-metrics.js';

export function MetricsPage() {
  const url = useUrl();
  const { search } = useStore(url.store);
  const view = useMemo(() => readMetricsView(search), [search]);
  const { metrics, problem } = useLaunchMetrics(view);
  usePageTitle('Metrics');
  return (
    <div className="page">
      <header className="page-head">
        <h1>Metrics</h1>
        <span className="muted">of launches</span>
        <span className="spacer" />
        <MetricsControls view={view} />
      </header>
      {problem !== undefined && (
        <p className="banner banner-warn" role="status">
          {metrics === undefined ? 'The metrics could not be loaded' : 'The metrics are out of date'}:{' '}
          {problem}
        </p>
      )}
      {metrics !== undefined && metrics.total.launches === 0 && (
        <p className="empty muted">No launches in this period.</p>
      )}
      {metrics !== undefined && metrics.total.launches > 0 && (
        <>
          <MetricsTotal total={metrics.total} />
          <MetricsPlots groups={metrics.groups} dimension={metrics.groupBy[0] ?? view.groupBy} />
          <MetricsTable groups={metrics.groups} dimension={metrics.groupBy[0] ?? view.groupBy} />
          <PhaseTable groups={metrics.groups} dimension={metrics.groupBy[0] ?? view.groupBy} />
          {metrics.truncated && (
            <p className="muted page-note">Not all groups are shown. Choose a shorter period.</p>
          )}
        </>
      )}
    </div>
  );
}
