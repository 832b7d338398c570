import type { LaunchRequest } from '@launchlog/shared/launch-request';
import { OptimizerTable } from '../output/optimizer-table.js';
import { plainText } from '../output/terminal-text.js';
import type { SkypilotControl, SkypilotOptimization } from '../skypilot/control.js';
import { launchFailureOf } from '../skypilot/launch-failure.js';
import { skypilotTask } from '../skypilot/task.js';
import type { Market, MarketOffer } from './market.js';

interface SkypilotMarketOptions {
  readonly control: Pick<SkypilotControl, 'optimize'>;
  /** When the requested region has no capacity, the provider's other regions are tried. */
  readonly otherRegions: boolean;
}

/** Never the name of a cluster: nothing is launched. */
const NAME = 'estimate';

/** Offers of SkyPilot's optimizer, over HTTP or through the program `sky`. */
export class SkypilotMarket {
  readonly #options: SkypilotMarketOptions;

  constructor(options: SkypilotMarketOptions) {
    this.#options = options;
  }

  /** Rejects when SkyPilot cannot be asked. */
  async ask(request: LaunchRequest, signal: AbortSignal): Promise<Market> {
    const { control, otherRegions } = this.#options;
    const spec = { nodeId: NAME, clusterName: NAME, request, secrets: {} };
    const task = skypilotTask(
      { ...spec, handle: undefined, checkpoint: undefined },
      { otherRegions, secrets: 'included' },
    );
    return marketOf(await control.optimize(task, signal), request.maxHourlyCost);
  }
}

/** Its table has the cheapest offer of each cloud, GPU and kind of machine. */
function marketOf({ output, failure }: SkypilotOptimization, maxHourlyCost = Infinity): Market {
  const table = new OptimizerTable();
  const rows: PricedRow[] = [];
  for (const line of output.split('\n')) {
    const row = table.read(plainText(line));
    if (row === undefined || row === 'frame') continue;
    const { offer, price, gpus, spot, chosen } = row;
    rows.push({ offer: { ...offer, gpus, spot, price }, price, chosen });
  }
  const byPrice = rows.toSorted((one, other) => one.price - other.price);
  const affordable = byPrice.filter(({ price }) => price <= maxHourlyCost);
  const offers = affordable.toSorted((one, other) => rank(one) - rank(other)).map(({ offer }) => offer);
  if (offers.length > 0) return { offers };
  const [cheapest] = byPrice;
  if (cheapest !== undefined)
    return { offers, problem: `the cheapest machine costs $${cheapest.price} per hour` };
  const problem = failure === undefined ? undefined : launchFailureOf(failure).message;
  return { offers, problem: problem ?? 'SkyPilot named no offer' };
}

interface PricedRow {
  readonly offer: MarketOffer;
  readonly price: number;
  readonly chosen: boolean;
}

function rank({ chosen }: PricedRow): number {
  return chosen ? 0 : 1;
}
