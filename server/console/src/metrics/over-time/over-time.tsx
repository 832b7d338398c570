import { nodesPath } from '../../node/narrowing/narrowing.js';
import { formatDollars } from '@launchlog/shared/cost/dollars';
import { Link } from '../../router/link.js';
import { formatRate, formatSeconds } from '../group-name.js';
import type { Bucket, BucketSize } from './bucket.js';
import { TimePlot, type Series } from './time-plot.js';

const SUCCESS: readonly Series[] = [
  { name: 'Success rate', tone: 'good', shape: 'line', valueOf: ({ group }) => group?.successRate },
];
const TIMES: readonly Series[] = [
  { name: 'Median', tone: 'busy', shape: 'line', valueOf: ({ group }) => group?.launchSeconds?.p50 },
  { name: '95th percentile', tone: 'warn', shape: 'line', valueOf: ({ group }) => group?.launchSeconds?.p95 },
];
const COST: readonly Series[] = [
  { name: 'Cost', tone: 'busy', shape: 'bars', valueOf: ({ group }) => group?.costTotal?.total },
  {
    name: 'of it without success',
    tone: 'bad',
    shape: 'bars',
    valueOf: ({ group }) => group?.costUnsuccessful?.total,
  },
];
const LOSSES: readonly Series[] = [
  {
    name: 'Failed and lost',
    tone: 'bad',
    shape: 'bars',
    valueOf: ({ group }) => group && group.failed + (group.lost ?? 0),
  },
  { name: 'of it lost', tone: 'warn', shape: 'bars', valueOf: ({ group }) => group?.lost },
];

interface OverTimeProps {
  readonly buckets: readonly Bucket[];
  readonly size: BucketSize;
}

/** How launches went, hour by hour or day by day. Each number leads to the launches behind it. */
export function OverTime({ buckets, size }: OverTimeProps) {
  const plot = { buckets, nameOf: (bucket: Bucket) => bucketName(bucket, size), pathOf: bucketPath };
  return (
    <section aria-label="Over time" className="over-time">
      <div className="plots">
        <TimePlot {...plot} title="Success rate over time" series={SUCCESS} max={1} format={formatRate} />
        <TimePlot {...plot} title="Time to active over time" series={TIMES} format={formatSeconds} />
        <TimePlot {...plot} title="Cost over time" series={COST} format={formatDollars} />
        <TimePlot {...plot} title="Failures and losses over time" series={LOSSES} format={String} />
      </div>
      <OverTimeTable buckets={buckets} size={size} />
    </section>
  );
}

const COLUMNS = [
  'Launches',
  'Success',
  'Median',
  '95th percentile',
  'Cost',
  'Without success',
  'Failed',
  'Lost',
];

function OverTimeTable({ buckets, size }: OverTimeProps) {
  const title = `Numbers by ${size}`;
  const filled = buckets.filter(({ group }) => group !== undefined).toReversed();
  return (
    <details className="over-time-numbers" open>
      <summary>{title}, in UTC</summary>
      <div className="table-frame table-scroller" role="region" aria-label={title} tabIndex={0}>
        <table className="table metrics-table">
          <thead>
            <tr>
              <th scope="col">{size === 'hour' ? 'Hour' : 'Day'}</th>
              {COLUMNS.map((column) => (
                <th key={column} scope="col" className="numeric">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {filled.map((bucket) => (
              <OverTimeRow key={bucket.startMs} bucket={bucket} size={size} />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function OverTimeRow({ bucket, size }: { bucket: Bucket; size: BucketSize }) {
  const { group } = bucket;
  if (group === undefined) return undefined;
  const { launchSeconds: time, costTotal: cost, costUnsuccessful: wasted } = group;
  const cells = [
    group.launches.toLocaleString('en-US'),
    formatRate(group.successRate),
    time === undefined ? '–' : formatSeconds(time.p50),
    time === undefined ? '–' : formatSeconds(time.p95),
    cost === undefined ? '–' : formatDollars(cost.total),
    wasted === undefined ? '–' : formatDollars(wasted.total),
    <NarrowLink key="failed" count={group.failed} path={bucketPath(bucket, 'failed')} />,
    <NarrowLink key="lost" count={group.lost ?? 0} path={bucketPath(bucket, 'lost')} />,
  ];
  return (
    <tr>
      <th scope="row">
        <Link to={bucketPath(bucket)}>{bucketName(bucket, size)}</Link>
      </th>
      {cells.map((cell, index) => (
        <td key={COLUMNS[index]} className="numeric">
          {cell}
        </td>
      ))}
    </tr>
  );
}

function NarrowLink({ count, path }: { count: number; path: string }) {
  return count === 0 ? '0' : <Link to={path}>{count.toLocaleString('en-US')}</Link>;
}

/** The list of the launches behind a bucket. */
function bucketPath({ startMs, endMs }: Bucket, status?: 'failed' | 'lost'): string {
  const since = new Date(startMs).toISOString();
  return nodesPath({ since, until: new Date(endMs).toISOString() }, status === undefined ? {} : { status });
}

/** `26 Nov`, `26 Nov 14:00`: in UTC, as the server counts. */
function bucketName({ startMs }: Bucket, size: BucketSize): string {
  return new Date(startMs).toLocaleString('en-GB', {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'short',
    ...(size === 'hour' && { hour: '2-digit', minute: '2-digit' }),
  });
}
