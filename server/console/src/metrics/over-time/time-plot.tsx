import { Link } from '../../router/link.js';
import type { Bucket } from './bucket.js';

const WIDTH = 600;
const HEIGHT = 132;
const BASE = HEIGHT - 4;
const TOP = 8;

export interface Series {
  readonly name: string;
  readonly tone: 'busy' | 'good' | 'warn' | 'bad';
  readonly shape: 'line' | 'bars';
  readonly valueOf: (bucket: Bucket) => number | undefined;
}

interface TimePlotProps {
  readonly title: string;
  readonly buckets: readonly Bucket[];
  readonly series: readonly Series[];
  /** The end of the scale; defaults to the largest value. */
  readonly max?: number;
  readonly format: (value: number) => string;
  readonly nameOf: (bucket: Bucket) => string;
  readonly pathOf: (bucket: Bucket) => string;
}

/**
 * Values over time. A click on a bucket leads to its launches. The picture repeats the table below it, which is what the Tab
 * key and screen readers get.
 */
export function TimePlot({ title, buckets, series, max, format, nameOf, pathOf }: TimePlotProps) {
  const values = series.flatMap(({ valueOf }) => buckets.map((bucket) => valueOf(bucket) ?? 0));
  const end = max ?? Math.max(0, ...values);
  const scale: Scale = { step: WIDTH / Math.max(1, buckets.length), end: end === 0 ? 1 : end };
  const [first, last] = [buckets[0], buckets.at(-1)];
  return (
    <section className="card plot" aria-label={title}>
      <h2>{title}</h2>
      <div className="time-plot" aria-hidden="true">
        <span className="time-plot-max tabular">{end === 0 ? '' : format(end)}</span>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
          <line className="time-plot-base" x1={0} x2={WIDTH} y1={BASE} y2={BASE} />
          <line className="time-plot-top" x1={0} x2={WIDTH} y1={TOP} y2={TOP} />
          {series.map((each) => (
            <SeriesShape key={each.name} series={each} buckets={buckets} scale={scale} />
          ))}
        </svg>
        <div className="time-plot-columns">
          {buckets.map((bucket) => (
            <Link
              key={bucket.startMs}
              to={pathOf(bucket)}
              tabIndex={-1}
              className={bucket.group === undefined ? 'time-plot-none' : undefined}
              title={[nameOf(bucket), ...series.map((each) => valueText(each, bucket, format))].join('\n')}
            />
          ))}
        </div>
      </div>
      <p className="time-plot-ends muted">
        <span>{first !== undefined && nameOf(first)}</span>
        <span className="plot-legend">
          {series.length > 1 &&
            series.map(({ name, tone }) => (
              <span key={name}>
                <span className={`plot-key time-plot-key-${tone}`} aria-hidden="true" />
                {name}
              </span>
            ))}
        </span>
        <span>{last !== undefined && nameOf(last)}</span>
      </p>
    </section>
  );
}

interface Scale {
  /** The width of a bucket. */
  readonly step: number;
  /** The value at the top. */
  readonly end: number;
}

interface SeriesShapeProps {
  readonly series: Series;
  readonly buckets: readonly Bucket[];
  readonly scale: Scale;
}

function SeriesShape({ series, buckets, scale }: SeriesShapeProps) {
  const y = (value: number) => BASE - (Math.min(value, scale.end) / scale.end) * (BASE - TOP);
  const points = buckets.flatMap((bucket, index) => {
    const value = series.valueOf(bucket);
    return value === undefined ? [] : [{ index, x: (index + 0.5) * scale.step, y: y(value), value }];
  });
  if (series.shape === 'bars') {
    const width = Math.max(1, scale.step * 0.7);
    return points
      .filter(({ value }) => value > 0)
      .map((point) => (
        <rect
          key={point.index}
          className={`time-plot-bar time-plot-bar-${series.tone}`}
          x={point.x - width / 2}
          y={point.y}
          width={width}
          height={BASE - point.y}
        />
      ));
  }
  return (
    <>
      <polyline
        className={`time-plot-line time-plot-line-${series.tone}`}
        points={points.map((point) => `${point.x},${point.y}`).join(' ')}
      />
      {points.map((point) => (
        // A line of no length with round ends is a dot that the picture's width does not distort.
        <line
          key={point.index}
          className={`time-plot-dot time-plot-line-${series.tone}`}
          x1={point.x}
          x2={point.x}
          y1={point.y}
          y2={point.y}
        />
      ))}
    </>
  );
}

function valueText({ name, valueOf }: Series, bucket: Bucket, format: (value: number) => string): string {
  const value = valueOf(bucket);
  return `${name}: ${value === undefined ? 'none' : format(value)}`;
}
