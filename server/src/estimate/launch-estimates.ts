import { LaunchlogError } from '@launchlog/shared/error-code';
import { firstChoice } from '@launchlog/shared/launch-choice';
import type { LaunchEstimate, LaunchOffer } from '@launchlog/shared/cost/launch-estimate';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { Clock } from '../clock.js';
import { checkedRequest } from '../launch/request-check.js';
import type { NodeOwner } from '../node-owner.js';
import type { MarketOffer } from '../orchestrator/market/market.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import { Deadline } from '../wait/deadline.js';
import type { PlaceHistory, PlaceRecords } from './place-records.js';

interface LaunchEstimatesOptions {
  readonly orchestrator: Pick<Orchestrator, 'kind' | 'market'>;
  readonly records: PlaceRecords;
  readonly clock: Clock;
  /** Writes to the server's own log. */
  readonly onProblem: (problem: string, error: unknown) => void;
}

/** How long SkyPilot may take: its command line starts slowly, and its server may be busy. */
const MARKET_MS = 60_000;

/** What launches would get and cost: the offers of the moment, and what earlier launches say of them. */
export class LaunchEstimates {
  readonly #options: LaunchEstimatesOptions;

  constructor(options: LaunchEstimatesOptions) {
    this.#options = options;
  }

  /**
   * The history is that of the owner's launches, or of all. Rejects with `unavailable` when the orchestrator cannot be
   * asked, and as a launch does when the request cannot be launched.
   */
  async estimate(asked: LaunchRequest, owner: NodeOwner): Promise<LaunchEstimate> {
    const { orchestrator, records } = this.#options;
    const request = checkedRequest(asked, orchestrator.kind);
    const { offers, problem } = await this.#market(request);
    const places = offers.map(({ cloud, region, gpus, spot }) => {
      return { cloud, region, gpu: gpus?.split(':')[0] ?? firstChoice(request).gpu, spot };
    });
    const histories = await records.of(places, { orchestrator: orchestrator.kind, owner });
    const estimated = offers.map((offer, index) => offerOf(offer, histories[index], index === 0));
    const [chosen] = estimated;
    return {
      offers: estimated,
      ...(problem !== undefined && { problem }),
      ...(chosen?.price !== undefined && { hourlyCost: chosen.price }),
      ...(chosen?.start !== undefined && { costUntilActive: chosen.start }),
      ...(chosen?.record.median !== undefined && { secondsUntilActive: chosen.record.median }),
    };
  }

  async #market(request: LaunchRequest) {
    const { orchestrator, clock, onProblem } = this.#options;
    const { secrets: _, ...asked } = request;
    const deadline = new Deadline({ clock, ms: MARKET_MS });
    try {
      return await orchestrator.market(asked, deadline.signal);
    } catch (error) {
      onProblem('the offers of the clouds could not be requested', error);
      const reason = deadline.passed ? `no answer in ${MARKET_MS / 1_000} s` : textOf(error);
      throw new LaunchlogError('unavailable', `SkyPilot cannot name its offers now: ${reason}`, {
        cause: error,
      });
    } finally {
      deadline.clear();
    }
  }
}

function offerOf(offer: MarketOffer, history: PlaceHistory | undefined, chosen: boolean): LaunchOffer {
  const { record = NO_RECORD, paidSeconds } = history ?? {};
  const { price } = offer;
  const start = price === undefined || paidSeconds === undefined ? undefined : (price * paidSeconds) / 3_600;
  const known = Object.fromEntries(Object.entries(offer).filter(([, value]) => value !== undefined));
  return {
    ...(known as MarketOffer),
    chosen,
    ...(start !== undefined && { start: Math.round(start * 10_000) / 10_000 }),
    record,
  };
}

const NO_RECORD = { scope: 'region', launches: 0 } as const;

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
