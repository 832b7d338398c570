interface BarRow {
  readonly name: string;
  /** Undefined if unknown. */
  readonly value: number | undefined;
  /** The end of the thin line behind the bar, in the unit of `value`. */
  readonly reach?: number | undefined;
  readonly text: string;
}

interface BarPlotProps {
  readonly title: string;
  readonly rows: readonly BarRow[];
  readonly tone?: 'busy' | 'good' | 'warn';
  /** The end of the scale; defaults to the largest value. */
  readonly max?: number;
  readonly note?: string;
}

/** One bar per group, made of plain elements: the numbers are text, which screen readers can read. */
export function BarPlot({ title, rows, tone = 'busy', max, note }: BarPlotProps) {
  const end = max ?? Math.max(0, ...rows.map((row) => Math.max(row.value ?? 0, row.reach ?? 0)));
  const width = (value: number | undefined) => `${end === 0 ? 0 : ((value ?? 0) / end) * 100}%`;
  return (
    <section className="card plot" aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {rows.map((row) => (
          <li key={row.name} className="plot-row">
            <span className="plot-name" title={row.name}>
              {row.name}
            </span>
            <span className="plot-track">
              {row.reach !== undefined && <span className="plot-reach" style={{ width: width(row.reach) }} />}
              <span className={`plot-bar plot-bar-${tone}`} style={{ width: width(row.value) }} />
            </span>
            <span className="plot-value tabular">{row.text}</span>
          </li>
        ))}
      </ul>
      {note !== undefined && <p className="muted plot-note">{note}</p>}
    </section>
  );
}
