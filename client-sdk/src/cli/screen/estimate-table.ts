import type { LaunchEstimate, LaunchOffer } from '@launchlog/shared/cost/launch-estimate';
import { durationText } from './duration.js';
import { neutralise } from './neutralise.js';
import type { Style } from './style.js';
import { textTable } from './text-table.js';

const TITLES = ['WHERE', 'MACHINE', 'PER HOUR', 'TO ACTIVE', 'MEDIAN', 'P95', 'SUCCESS', 'USUAL FAILURE'];

/** One line for each offer, the one that would be tried first above the others, and one sentence for the launch. */
export function estimateTable(estimate: LaunchEstimate, style: Style): string {
  const { offers, problem } = estimate;
  if (offers.length === 0) {
    return `No offer: ${neutralise(problem ?? 'nobody has such a machine now', false)}`;
  }
  const rows = offers.map((offer) => {
    const paint = offer.chosen ? style.bold : undefined;
    return cellsOf(offer).map((text) => ({ text: neutralise(text, false), paint }));
  });
  return [textTable(TITLES, rows, style), summary(estimate)].join('\n');
}

function cellsOf({ cloud, zone, region, instance, gpus, spot, price, start, record }: LaunchOffer): string[] {
  const { launches, rate, median, p95, failure, scope } = record;
  const of = scope === 'provider' ? `${launches} at ${cloud}` : String(launches);
  return [
    [cloud, zone ?? region].filter((part) => part !== undefined).join(' '),
    [gpus, instance, spot ? 'spot' : 'on-demand'].filter((part) => part !== undefined).join(' '),
    price === undefined ? '?' : dollars(price),
    start === undefined ? '–' : dollars(start),
    median === undefined ? '–' : durationText(median),
    p95 === undefined ? '–' : durationText(p95),
    rate === undefined ? 'no launches yet' : `${Math.round(rate * 100)}% of ${of}`,
    failure ?? '',
  ];
}

function summary({ hourlyCost, costUntilActive, secondsUntilActive }: LaunchEstimate): string {
  if (hourlyCost === undefined) return 'The price of the first offer is not known.';
  const hourly = `About ${dollars(hourlyCost)} per hour`;
  if (costUntilActive === undefined || secondsUntilActive === undefined) return `${hourly}.`;
  return `${hourly}, and ${dollars(costUntilActive)} until it is active, in ${durationText(secondsUntilActive)}.`;
}

function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
