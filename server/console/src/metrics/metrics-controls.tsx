import { LAUNCH_DIMENSIONS } from '@launchlog/shared/launch-metrics';
import { useUrl } from '../router/url-store.js';
import type { MetricsView } from './metrics-window.js';
import { DIMENSION_LABELS, WINDOW_LABELS } from './metrics-window.js';

export function MetricsControls({ view }: { view: MetricsView }) {
  const url = useUrl();
  return (
    <>
      <select
        className="select"
        aria-label="Period"
        value={view.window}
        onChange={(event) => url.patchSearch({ window: event.target.value })}
      >
        {Object.entries(WINDOW_LABELS).map(([window, words]) => (
          <option key={window} value={window}>
            {words}
          </option>
        ))}
      </select>
      <select
        className="select"
        aria-label="Group by"
        value={view.groupBy}
        onChange={(event) => url.patchSearch({ by: event.target.value })}
      >
        {LAUNCH_DIMENSIONS.map((dimension) => (
          <option key={dimension} value={dimension}>
            {DIMENSION_LABELS[dimension]}
          </option>
        ))}
      </select>
    </>
  );
}
