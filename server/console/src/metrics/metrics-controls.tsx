import { LAUNCH_DIMENSIONS } from '@launchlog/shared/launch-metrics';
import { useServices } from '../services.js';
import type { MetricsView } from './metrics-window.js';
import { DIMENSION_WORDS, WINDOW_WORDS } from './metrics-window.js';

export function MetricsControls({ view }: { view: MetricsView }) {
  const { url } = useServices();
  return (
    <>
      <select
        className="select"
        aria-label="Time"
        value={view.window}
        onChange={(event) => url.patchSearch({ window: event.target.value })}
      >
        {Object.entries(WINDOW_WORDS).map(([window, words]) => (
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
            {DIMENSION_WORDS[dimension]}
          </option>
        ))}
      </select>
    </>
  );
}
