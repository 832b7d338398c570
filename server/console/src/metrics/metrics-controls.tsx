import { LAUNCH_DIMENSIONS } from '@launchlog/shared/launch-metrics';
import { useUrl } from '../router/url-store.js';
import { Choice } from '../ui/choice.js';
import type { MetricsView } from './metrics-window.js';
import { DIMENSION_LABELS, WINDOW_LABELS, WINDOWS } from './metrics-window.js';

export function MetricsControls({ view }: { view: MetricsView }) {
  const url = useUrl();
  return (
    <>
      <Choice
        label="Period"
        value={view.window}
        values={WINDOWS}
        labels={WINDOW_LABELS}
        onChange={(window = view.window) => url.patchSearch({ window })}
      />
      <Choice
        label="Group by"
        value={view.groupBy}
        values={LAUNCH_DIMENSIONS}
        labels={DIMENSION_LABELS}
        onChange={(by = view.groupBy) => url.patchSearch({ by })}
      />
    </>
  );
}
