import type { LaunchMetricsGroup } from '@launchlog/sdk';
import { formatDollars } from '@launchlog/shared/cost/dollars';
import { formatCount, formatRate, formatSeconds } from './group-name.js';

/** The figures for all launches together, each with the number of launches behind it. */
export function MetricsTotal({ total }: { total: LaunchMetricsGroup }) {
  const { launchSeconds: time, costUntilActive: cost, costUnsuccessful: lost } = total;
  const ended = total.succeeded + total.failed;
  return (
    <dl className="tiles">
      <Tile name="Launches" value={formatCount(total.launches)} note={launchesNote(total)} />
      <Tile
        name="Success rate"
        value={formatRate(total.successRate)}
        note={`of ${formatCount(ended)} that ended`}
      />
      <Tile
        name="Time to active, median"
        value={time === undefined ? '–' : formatSeconds(time.p50)}
        note={time === undefined ? 'none yet' : `95 % within ${formatSeconds(time.p95)}`}
      />
      <Tile
        name="Cost until active, average"
        value={cost === undefined ? '–' : formatDollars(cost.average)}
        note={cost === undefined ? 'no price known' : `of ${formatCount(cost.samples)} with a price`}
      />
      <Tile
        name="Spent without success"
        value={lost === undefined ? '–' : formatDollars(lost.total)}
        note={lost === undefined ? 'none' : `in ${formatCount(lost.samples)} launches`}
      />
    </dl>
  );
}

function launchesNote({ running, simulated }: LaunchMetricsGroup): string {
  const parts = [
    `${formatCount(running)} running`,
    ...(simulated > 0 ? [`${formatCount(simulated)} simulated`] : []),
  ];
  return parts.join(', ');
}

function Tile({ name, value, note }: { name: string; value: string; note: string }) {
  return (
    <div className="tile">
      <dt>{name}</dt>
      <dd>
        <span className="tile-value tabular">{value}</span>
        <span className="muted">{note}</span>
      </dd>
    </div>
  );
}
