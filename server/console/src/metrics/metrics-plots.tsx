import type { LaunchMetricsGroup } from '@launchlog/sdk';
import type { LaunchDimension } from '@launchlog/shared/launch-metrics';
import { formatDollars } from '@launchlog/shared/cost/dollars';
import { BarPlot } from './bar-plot.js';
import { formatRate, formatSeconds, groupName } from './group-name.js';
import { PhasePlot } from './phase-plot.js';

/** Maximum number of groups in a plot; the table has all of them. */
const PLOTTED_MAX = 12;

export function MetricsPlots({
  groups,
  dimension,
}: {
  groups: readonly LaunchMetricsGroup[];
  dimension: LaunchDimension;
}) {
  const plotted = groups.slice(0, PLOTTED_MAX).map((group) => ({ name: groupName(group, dimension), group }));
  return (
    <div className="plots">
      <PhasePlot title="Time by phase, medians" groups={plotted} />
      <BarPlot
        title="Time to active"
        rows={plotted.map(({ name, group }) => ({
          name,
          value: group.launchSeconds?.p50,
          reach: group.launchSeconds?.p95,
          text: group.launchSeconds === undefined ? '–' : formatSeconds(group.launchSeconds.p50),
        }))}
        note="Bar: median. Line: 95th percentile."
      />
      <BarPlot
        title="Success rate"
        tone="good"
        max={1}
        rows={plotted.map(({ name, group }) => ({
          name,
          value: group.successRate,
          text: formatRate(group.successRate),
        }))}
      />
      <BarPlot
        title="Cost until active"
        tone="warn"
        rows={plotted.map(({ name, group }) => ({
          name,
          value: group.costUntilActive?.average,
          text: group.costUntilActive === undefined ? '–' : formatDollars(group.costUntilActive.average),
        }))}
        note="Average of the launches whose price is known."
      />
    </div>
  );
}
