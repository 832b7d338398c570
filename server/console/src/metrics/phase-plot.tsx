import { PHASE_LABELS } from '@launchlog/sdk';
import type { LaunchMetricsGroup } from '@launchlog/sdk';
import { PHASES } from '@launchlog/shared/phase';
import { formatSeconds } from './group-name.js';

/** The phases in which a launch spends time: all but the terminal ones. */
export const TIMED_PHASES = PHASES.filter((phase) => phase !== 'active' && phase !== 'failed');

interface PhasePlotProps {
  readonly title: string;
  readonly groups: readonly { readonly name: string; readonly group: LaunchMetricsGroup }[];
}

/** One bar per group, composed of the median time in each phase. */
export function PhasePlot({ title, groups }: PhasePlotProps) {
  const sums = groups.map(({ group }) => medians(group).reduce((sum, part) => sum + part.seconds, 0));
  const end = Math.max(0, ...sums);
  return (
    <section className="card plot" aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {groups.map(({ name, group }, index) => (
          <li key={name} className="plot-row">
            <span className="plot-name" title={name}>
              {name}
            </span>
            <span className="plot-track">
              {medians(group).map(({ phase, seconds }) => (
                <span
                  key={phase}
                  className={`plot-part plot-part-${phase}`}
                  title={`${PHASE_LABELS[phase]}: ${formatSeconds(seconds)}`}
                  style={{ width: `${end === 0 ? 0 : (seconds / end) * 100}%` }}
                />
              ))}
            </span>
            <span className="plot-value tabular">{sums[index] ? formatSeconds(sums[index]) : '–'}</span>
          </li>
        ))}
      </ul>
      <p className="plot-legend">
        {TIMED_PHASES.map((phase) => (
          <span key={phase}>
            <span className={`plot-key plot-part-${phase}`} aria-hidden="true" />
            {PHASE_LABELS[phase]}
          </span>
        ))}
      </p>
    </section>
  );
}

function medians(group: LaunchMetricsGroup) {
  return TIMED_PHASES.map((phase) => ({
    phase,
    seconds: group.phases.find((spread) => spread.phase === phase)?.p50 ?? 0,
  }));
}
