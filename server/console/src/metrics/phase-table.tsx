import { PHASE_LABELS } from '@launchlog/sdk';
import type { LaunchMetricsGroup } from '@launchlog/sdk';
import type { LaunchDimension } from '@launchlog/shared/launch-metrics';
import { formatSeconds, groupName } from './group-name.js';
import { DIMENSION_LABELS } from './metrics-window.js';
import { TIMED_PHASES } from './phase-plot.js';

interface PhaseTableProps {
  readonly groups: readonly LaunchMetricsGroup[];
  readonly dimension: LaunchDimension;
}

/** The numbers behind the phase plot. */
export function PhaseTable({ groups, dimension }: PhaseTableProps) {
  return (
    <section className="table-section" aria-label="Time by phase, numbers">
      <h2>Time by phase</h2>
      <p className="muted">For successful launches: the median, and below it the 95th percentile.</p>
      <div className="table-frame" role="region" aria-label="Time by phase" tabIndex={0}>
        <table className="table metrics-table">
          <thead>
            <tr>
              <th scope="col">{DIMENSION_LABELS[dimension]}</th>
              {TIMED_PHASES.map((phase) => (
                <th key={phase} scope="col" className="numeric">
                  {PHASE_LABELS[phase]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <PhaseRow key={groupName(group, dimension)} group={group} name={groupName(group, dimension)} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function PhaseRow({ group, name }: { group: LaunchMetricsGroup; name: string }) {
  return (
    <tr>
      <th scope="row" title={name}>
        {name}
      </th>
      {TIMED_PHASES.map((phase) => {
        const spread = group.phases.find((other) => other.phase === phase);
        return (
          <td key={phase} className="numeric">
            {spread === undefined ? '–' : formatSeconds(spread.p50)}
            {spread !== undefined && <span className="sub">{formatSeconds(spread.p95)}</span>}
          </td>
        );
      })}
    </tr>
  );
}
