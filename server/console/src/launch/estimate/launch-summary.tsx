import { FAILURE_LABELS } from '@launchlog/sdk';
import type { LaunchRequest } from '@launchlog/sdk';
import { launchChoices } from '@launchlog/shared/launch-choice';
import type { LaunchOffer, PlaceRecord } from '@launchlog/shared/cost/launch-estimate';
import { aboutDollars, formatDollars } from '@launchlog/shared/cost/dollars';
import { formatDuration } from '../../time/format-time.js';
import type { EstimateState } from './use-estimate.js';

/** Number of offers that are shown. */
const OFFERS_SHOWN = 3;

interface LaunchSummaryProps {
  /** Undefined while the form cannot be launched. */
  readonly request: LaunchRequest | undefined;
  readonly state: EstimateState;
}

/** What the button would launch: the machine, what it costs, and how such launches went. */
export function LaunchSummary({ request, state }: LaunchSummaryProps) {
  const { estimate, problem } = state;
  return (
    <section className="estimate" aria-label="What would be launched" aria-live="polite">
      <p>
        <strong>{request === undefined ? 'Nothing can be launched yet' : summaryText(request)}</strong>
      </p>
      {request !== undefined && estimate === undefined && problem === undefined && (
        <p className="muted">Looking for offers…</p>
      )}
      {problem !== undefined && <p className="muted">No estimate: {problem}</p>}
      {estimate?.problem !== undefined && <p className="estimate-problem">{estimate.problem}</p>}
      {estimate !== undefined && (
        <ul>
          {estimate.offers.slice(0, OFFERS_SHOWN).map((offer, index) => (
            <Offer key={index} offer={offer} />
          ))}
        </ul>
      )}
      {estimate !== undefined && estimate.offers.length > OFFERS_SHOWN && (
        <p className="muted">and {estimate.offers.length - OFFERS_SHOWN} more offers</p>
      )}
    </section>
  );
}

function summaryText(request: LaunchRequest): string {
  if (request.taskYaml !== undefined) return 'A task of your own, on the machine that it names';
  const machines = launchChoices(request).map(
    ({ provider, region, gpu, count, spot }) =>
      `${count} × ${gpu} (${spot ? 'spot' : 'on demand'}) at ${provider}, ${region ?? 'any region'}`,
  );
  return `${request.model} on ${machines.join(' or ')}`;
}

function Offer({ offer }: { offer: LaunchOffer }) {
  const { cloud, region, zone, instance, price, start, chosen, record } = offer;
  const place = [cloud, zone ?? region, instance].filter((part) => part !== undefined).join(' · ');
  return (
    <li className={chosen ? 'estimate-chosen' : undefined}>
      <span>
        {chosen && <span className="hidden">First choice: </span>}
        {place}
      </span>
      <span className="tabular">{price === undefined ? 'price not known' : `${formatDollars(price)}/h`}</span>
      <span className="muted">
        {recordText(record)}
        {start !== undefined && `, ${aboutDollars(start)} until it serves`}
      </span>
    </li>
  );
}

function recordText({ launches, rate, median, failure, scope }: PlaceRecord): string {
  if (launches === 0) return 'no launches there yet';
  const where = scope === 'region' ? 'here' : 'at this provider';
  const parts = [
    rate !== undefined &&
      `${Math.round(rate * 100)} % of ${launches === 1 ? '1 launch' : `${launches} launches`} ${where} became active`,
    median !== undefined && `usually in ${formatDuration(median * 1_000)}`,
    rate !== undefined &&
      rate < 1 &&
      failure !== undefined &&
      `most frequent failure: ${FAILURE_LABELS[failure] ?? failure}`,
  ];
  return parts.filter((part) => part !== false).join(', ');
}
