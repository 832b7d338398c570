import { FAILURE_LABELS } from '@launchlog/sdk';
import type { LaunchMetricsGroup } from '@launchlog/sdk';
import { nodesPath } from '../node/narrowing/narrowing.js';
import { Link } from '../router/link.js';

interface FailureCausesProps {
  readonly total: LaunchMetricsGroup;
  /** Since when launches are measured; undefined for all. */
  readonly since: string | undefined;
}

/** Why launches failed, the most frequent cause first. Each leads to its launches. */
export function FailureCauses({ total, since }: FailureCausesProps) {
  const { failureReasons: causes, failed } = total;
  if (causes.length === 0) return undefined;
  const most = Math.max(...causes.map(({ launches }) => launches));
  return (
    <section className="card plot" aria-label="Failure causes">
      <h2>Failure causes</h2>
      <ol className="causes">
        {causes.map(({ reason, launches, message }) => (
          <li key={reason}>
            <Link to={nodesPath({ since, reason })}>{FAILURE_LABELS[reason] ?? reason}</Link>
            <span className="plot-track" aria-hidden="true">
              <span className="plot-bar plot-bar-bad" style={{ width: `${(launches / most) * 100}%` }} />
            </span>
            <span className="plot-value tabular">
              {launches.toLocaleString('en-US')}, {Math.round((launches / Math.max(1, failed)) * 100)} %
            </span>
            {message !== undefined && message !== '' && (
              <span className="cause-message muted" title={message}>
                {message}
              </span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
