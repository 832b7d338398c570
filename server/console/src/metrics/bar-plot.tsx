interface BarRow {
  readonly name: string;
  /** Undefined where nothing is known. */
  readonly value: number | undefined;
  /** How far a thin line reaches beyond the bar. */
  readonly reach?: number | undefined;
  readonly text: string;
}

interface BarPlotProps {
  readonly title: string;
  readonly rows: readonly BarRow[];
  readonly tone?: 'busy' | 'good' | 'warn';
  /** Where the scale ends; the largest value where absent. */
  readonly max?: number;
  readonly note?: string;
}

/** One bar a group. Drawn of plain elements: the numbers are text and are read as such. */
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
