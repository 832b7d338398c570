import { FAILURE_LABELS } from '@launchlog/sdk';
import type { LaunchMetricsGroup } from '@launchlog/sdk';
import type { LaunchDimension } from '@launchlog/shared/launch-metrics';
import { formatDollars } from '@launchlog/shared/cost/dollars';
import { Link } from '../router/link.js';
import { formatRate, formatSeconds, groupName } from './group-name.js';
import { groupPath } from './group-path.js';
import { DIMENSION_LABELS } from './metrics-window.js';

const COLUMNS = [
  'Launches',
  'Success',
  'Failed',
  'Cancelled',
  'Median',
  '95th percentile',
  'Cost until active',
  'Wasted',
  'Lost nodes',
  'Preempted',
  'Active time per loss',
  'Uptime',
  'Cost per useful hour',
];

/** The numbers behind the plots. */
export function MetricsTable({
  groups,
  dimension,
  since,
}: {
  groups: readonly LaunchMetricsGroup[];
  dimension: LaunchDimension;
  /** Since when launches are measured; undefined for all. */
  since: string | undefined;
}) {
  return (
    <div className="table-frame" role="region" aria-label="Numbers" tabIndex={0}>
      <table className="table metrics-table">
        <thead>
          <tr>
            <th scope="col">{DIMENSION_LABELS[dimension]}</th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" className="numeric">
                {column}
              </th>
            ))}
            <th scope="col">Most frequent failure</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <MetricsRow
              key={groupName(group, dimension)}
              group={group}
              name={groupName(group, dimension)}
              path={groupPath(group, dimension, since)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface MetricsRowProps {
  readonly group: LaunchMetricsGroup;
  readonly name: string;
  /** The list of the launches behind the numbers. */
  readonly path: string | undefined;
}

function MetricsRow({ group, name, path }: MetricsRowProps) {
  const { launchSeconds: time, costUntilActive: cost, costUnsuccessful: wasted } = group;
  const { meanSecondsToLoss: toLoss, costPerUsefulHour: hourly } = group;
  const [worst] = group.failureReasons;
  const cells = [
    group.launches,
    formatRate(group.successRate),
    group.failed,
    group.cancelled,
    time === undefined ? '–' : formatSeconds(time.p50),
    time === undefined ? '–' : formatSeconds(time.p95),
    cost === undefined ? '–' : formatDollars(cost.average),
    wasted === undefined ? '–' : formatDollars(wasted.total),
    group.lost ?? '–',
    formatRate(group.preemptionRate),
    toLoss === undefined ? '–' : formatSeconds(toLoss),
    formatRate(group.uptime),
    hourly === undefined ? '–' : formatDollars(hourly),
  ];
  return (
    <tr>
      <th scope="row" title={name}>
        {path === undefined ? name : <Link to={path}>{name}</Link>}
      </th>
      {cells.map((cell, index) => (
        <td key={COLUMNS[index]} className="numeric">
          {cell}
        </td>
      ))}
      <td>{worst === undefined ? '–' : `${FAILURE_LABELS[worst.reason]} (${worst.launches})`}</td>
    </tr>
  );
}
