import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { Market } from '../market/market.js';
import { affordableOffers, simulatedOffers } from './cloud.js';

/** The offers that a simulated launch would try, in that order. */
export function simulatedMarket(request: LaunchRequest): Market {
  const offers = affordableOffers(request).map(({ cloud, region, zone, instance, gpus, spot, price }) => ({
    cloud,
    region,
    zone,
    instance,
    gpus,
    spot,
    price,
  }));
  if (offers.length > 0) return { offers };
  const cheapest = Math.min(...simulatedOffers(request).map(({ price }) => price));
  return { offers, problem: `the cheapest machine costs $${cheapest} per hour` };
}
