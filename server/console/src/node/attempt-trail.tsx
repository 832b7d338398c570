import { FAILURE_LABELS } from '@launchlog/sdk';
import type { LaunchAttempt } from '@launchlog/sdk';

const OUTCOME_LABELS: Readonly<Record<LaunchAttempt['outcome'], string>> = {
  trying: 'trying',
  won: 'got it',
  failed: 'failed',
};

/** Each zone or region that was tried for an instance, in order, with its outcome. */
export function AttemptTrail({ attempts }: { attempts: readonly LaunchAttempt[] }) {
  if (attempts.length === 0) return undefined;
  return (
    <section aria-label="Attempts" className="card">
      <h2>Attempts</h2>
      <ol className="attempts">
        {attempts.map((attempt, index) => (
          <li key={index} className={`attempt attempt-${attempt.outcome}`}>
            <p>
              <strong>{attempt.zone ?? attempt.region ?? attempt.cloud}</strong>
              <span className={`attempt-outcome attempt-outcome-${attempt.outcome}`}>
                {attempt.reason === undefined
                  ? OUTCOME_LABELS[attempt.outcome]
                  : FAILURE_LABELS[attempt.reason]}
              </span>
            </p>
            <p className="muted">{attemptText(attempt)}</p>
            {attempt.message !== undefined && <p className="attempt-message">{attempt.message}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function attemptText(attempt: LaunchAttempt): string {
  const price = attempt.price === undefined ? undefined : `$${attempt.price.toFixed(2)}/h`;
  return [attempt.cloud, attempt.instance, price].filter((part) => part !== undefined).join(' · ');
}
