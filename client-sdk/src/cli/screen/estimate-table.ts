import type { LaunchEstimate, LaunchOffer } from '@launchlog/shared/cost/launch-estimate';
import { formatDollars, isBelowOneCent } from '@launchlog/shared/cost/dollars';
import { durationText } from './duration.js';
import { neutralise } from './neutralise.js';
import type { Style } from './style.js';
import { itemTable } from './text-table.js';
import type { ItemColumn } from './text-table.js';

type OfferColumn = ItemColumn<LaunchOffer>;

const paint = ({ chosen }: LaunchOffer, text: string, style: Style) => (chosen ? style.bold(text) : text);
const COLUMNS: readonly OfferColumn[] = [
  { title: 'WHERE', text: placeOf, rank: 0 },
  { title: 'MACHINE', text: machineOf, rank: 2 },
  {
    title: 'PER HOUR',
    text: ({ price }: LaunchOffer) => (price === undefined ? '?' : formatDollars(price)),
    rank: 1,
  },
  {
    title: 'TO ACTIVE',
    text: ({ start }: LaunchOffer) => (start === undefined ? '–' : formatDollars(start)),
    rank: 5,
  },
  { title: 'MEDIAN', text: ({ record }: LaunchOffer) => timeOf(record.median), rank: 4 },
  { title: 'P95', text: ({ record }: LaunchOffer) => timeOf(record.p95), rank: 7 },
  { title: 'SUCCESS', text: successOf, rank: 3 },
  { title: 'USUAL FAILURE', text: ({ record }: LaunchOffer) => record.failure ?? '', rank: 6 },
].map((column) => ({ ...column, paint }));

interface EstimateTableOptions {
  readonly style: Style;
  /** Width of the terminal; undefined for all columns. */
  readonly columns?: number | undefined;
}

/** One line for each offer, the one that would be tried first above the others, and one sentence for the launch. */
export function estimateTable(estimate: LaunchEstimate, options: EstimateTableOptions): string {
  const { offers, problem } = estimate;
  if (offers.length === 0) {
    return `No offer: ${neutralise(problem ?? 'nobody has such a machine now', false)}`;
  }
  return [itemTable(offers, COLUMNS, options), summary(estimate)].join('\n');
}

function placeOf({ cloud, zone, region }: LaunchOffer): string {
  return [cloud, zone ?? region].filter((part) => part !== undefined).join(' ');
}

function machineOf({ gpus, instance, spot }: LaunchOffer): string {
  return [gpus, instance, spot ? 'spot' : 'on-demand'].filter((part) => part !== undefined).join(' ');
}

function successOf({ cloud, record: { launches, rate, scope } }: LaunchOffer): string {
  if (rate === undefined) return 'no launches yet';
  return `${Math.round(rate * 100)}% of ${launches}${scope === 'provider' ? ` at ${cloud}` : ''}`;
}

function timeOf(seconds: number | undefined): string {
  return seconds === undefined ? '–' : durationText(seconds);
}

function summary({ hourlyCost, costUntilActive, secondsUntilActive }: LaunchEstimate): string {
  if (hourlyCost === undefined) return 'The price of the first offer is not known.';
  const hourly = `About ${formatDollars(hourlyCost)} per hour`;
  if (costUntilActive === undefined || secondsUntilActive === undefined) return `${hourly}.`;
  const cost = isBelowOneCent(costUntilActive) ? 'less than $0.01' : formatDollars(costUntilActive);
  return `${hourly}, and ${cost} until it is active, in ${durationText(secondsUntilActive)}.`;
}
