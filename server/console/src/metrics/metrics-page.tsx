import { useCallback, useMemo } from 'react';
import { usePageTitle } from '../notify/launch-notifier.js';
import { useUrl } from '../router/url-store.js';
import { useStore } from '../state/store.js';
import { FailureCauses } from './failure-causes.js';
import { MetricsControls } from './metrics-controls.js';
import { MetricsOverTime } from './over-time/metrics-over-time.js';
import { MetricsPlots } from './metrics-plots.js';
import { MetricsTable } from './metrics-table.js';
import { MetricsTotal } from './metrics-total.js';
import { Button } from '../ui/button.js';
import { LateAnswer, Loading } from '../time/loading.js';
import { metricsQuery, readMetricsView } from './metrics-window.js';
import { NoLaunches } from './no-launches.js';
import { PhaseTable } from './phase-table.js';
import { useLaunchMetrics } from './use-launch-metrics.js';

export function MetricsPage() {
  const url = useUrl();
  const { search } = useStore(url.store);
  const view = useMemo(() => readMetricsView(search), [search]);
  const queryOf = useCallback((nowMs: number) => metricsQuery(view, nowMs), [view]);
  const { metrics, nowMs, askedMs, problem, refresh } = useLaunchMetrics(queryOf);
  usePageTitle('Metrics');
  return (
    <div className="page">
      <header className="page-head">
        <h1>Metrics</h1>
        <span className="muted page-about">of launches</span>
        <span className="spacer" />
        <MetricsControls view={view} />
      </header>
      {problem !== undefined && (
        <div className="banner banner-warn" role="status">
          <span>
            {metrics === undefined ? 'The metrics could not be loaded' : 'The metrics are out of date'}:{' '}
            {problem}
          </span>
          <Button icon="retry" onClick={refresh}>
            Try again
          </Button>
        </div>
      )}
      {metrics !== undefined && askedMs !== undefined && <LateAnswer since={askedMs} />}
      {metrics === undefined && problem === undefined && <Loading what="the metrics" />}
      {metrics !== undefined && metrics.total.launches === 0 && <NoLaunches />}
      {metrics !== undefined && metrics.total.launches > 0 && (
        <>
          <MetricsTotal total={metrics.total} />
          <MetricsOverTime window={view.window} />
          <FailureCauses total={metrics.total} since={metricsQuery(view, nowMs).since} />
          <MetricsPlots groups={metrics.groups} dimension={metrics.groupBy[0] ?? view.groupBy} />
          <MetricsTable
            groups={metrics.groups}
            dimension={metrics.groupBy[0] ?? view.groupBy}
            since={metricsQuery(view, nowMs).since}
          />
          <PhaseTable groups={metrics.groups} dimension={metrics.groupBy[0] ?? view.groupBy} />
          {metrics.truncated && (
            <p className="muted page-note">Not all groups are shown. Choose a shorter period.</p>
          )}
        </>
      )}
    </div>
  );
}
