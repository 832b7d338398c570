import type { LaunchAttempt } from '@launchlog/shared/node';
import type { OfferPrice } from '../node/node-record.js';
import type { Offer } from '../orchestrator/launch-event.js';
import type { Failure, Launch } from './launch.js';

/** The most attempts kept for one launch. Beyond it, the oldest failures are dropped. */
const ATTEMPTS_MAX = 100;
const PRICES_MAX = 50;

/** Notes that an offer is being tried. A report that repeats or refines an earlier one belongs to the same attempt. */
export function offerTried(launch: Launch, offer: Offer): Launch {
  const { attempts } = launch;
  const current = attempts.find(({ outcome }) => outcome === 'trying');
  if (current !== undefined && agree(current, offer)) {
    return withPrices({
      ...launch,
      attempts: replaced(attempts, current, { ...current, ...defined(offer) }),
    });
  }
  const known = attempts.some((attempt) => attempt.outcome !== 'trying' && samePlace(attempt, offer));
  // The spinner repeats old text while the next offer is tried, or after one has won.
  if (known && attempts.some(({ outcome }) => outcome !== 'failed')) return launch;
  const settled = attempts.map((attempt) =>
    attempt.outcome === 'failed' ? attempt : givenUp(attempt, 'given up for another offer'),
  );
  const next: LaunchAttempt = { cloud: offer.cloud, ...defined(offer), outcome: 'trying' };
  return withPrices({ ...launch, attempts: trimmed([...settled, next]) });
}

/** Notes why the offer that is being tried failed. */
export function offerFailed(launch: Launch, failure: Failure): Launch {
  const current = launch.attempts.find(({ outcome }) => outcome === 'trying');
  if (current === undefined) return launch;
  const failed: LaunchAttempt = { ...current, outcome: 'failed', ...failure };
  return { ...launch, attempts: replaced(launch.attempts, current, failed) };
}

/** Notes that the offer that is being tried was won. */
export function offerWon(launch: Launch): Launch {
  const current = launch.attempts.find(({ outcome }) => outcome === 'trying');
  if (current === undefined) return launch;
  return { ...launch, attempts: replaced(launch.attempts, current, { ...current, outcome: 'won' }) };
}

/** Notes the price of an offer. A later price replaces an earlier one. */
export function offerPriced(launch: Launch, priced: OfferPrice): Launch {
  const others = launch.prices.filter(({ offer }) => !samePlace(offer, priced.offer));
  return withPrices({ ...launch, prices: [...others, priced].slice(-PRICES_MAX) });
}

/** The price of the offer that was won, in US dollars per hour. */
export function wonPrice(launch: Launch): number | undefined {
  return launch.attempts.find(({ outcome }) => outcome === 'won')?.price;
}

function withPrices(launch: Launch): Launch {
  const attempts = launch.attempts.map((attempt) => {
    const price = launch.prices.findLast(({ offer }) => agree(attempt, offer))?.price;
    return price === undefined || attempt.price !== undefined ? attempt : { ...attempt, price };
  });
  return { ...launch, attempts };
}

function givenUp(attempt: LaunchAttempt, message: string): LaunchAttempt {
  return { ...attempt, outcome: 'failed', reason: 'unknown', message };
}

function replaced(
  attempts: readonly LaunchAttempt[],
  old: LaunchAttempt,
  next: LaunchAttempt,
): readonly LaunchAttempt[] {
  return attempts.map((attempt) => (attempt === old ? next : attempt));
}

function trimmed(attempts: readonly LaunchAttempt[]): readonly LaunchAttempt[] {
  return attempts.slice(-ATTEMPTS_MAX);
}

const PLACE_FIELDS = ['region', 'zone', 'instance'] as const;

/** Whether two reports of one attempt do not contradict each other. */
function agree(attempt: Offer, offer: Offer): boolean {
  return (
    attempt.cloud.toLowerCase() === offer.cloud.toLowerCase() &&
    PLACE_FIELDS.every(
      (field) =>
        attempt[field] === undefined || offer[field] === undefined || attempt[field] === offer[field],
    )
  );
}

function samePlace(attempt: Offer, offer: Offer): boolean {
  return (
    attempt.cloud.toLowerCase() === offer.cloud.toLowerCase() &&
    PLACE_FIELDS.every((field) => attempt[field] === offer[field])
  );
}

function defined(offer: Offer): Partial<Pick<LaunchAttempt, (typeof PLACE_FIELDS)[number]>> {
  return Object.fromEntries(
    PLACE_FIELDS.filter((field) => offer[field] !== undefined).map((field) => [field, offer[field]]),
  );
}
