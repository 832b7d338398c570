import type { Budget } from '@launchlog/shared/cost/budget';
import { FieldError, LaunchlogError } from '@launchlog/shared/error-code';
import { firstChoice } from '@launchlog/shared/launch-choice';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { Clock } from '../clock.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import { Deadline } from '../wait/deadline.js';
import type { BudgetStore } from './budget-store.js';

interface LaunchBudgetsOptions {
  readonly store: Pick<BudgetStore, 'concerns' | 'find' | 'lastPrice' | 'refused' | 'review'>;
  readonly orchestrator: Pick<Orchestrator, 'market'>;
  readonly clock: Clock;
}

/** How long the caller of a launch in a budget waits for its price. */
const PRICE_MS = 20_000;

/** The reservations of launches in budgets, and the refusals. */
export class LaunchBudgets {
  readonly #options: LaunchBudgetsOptions;

  constructor(options: LaunchBudgetsOptions) {
    this.#options = options;
  }

  /**
   * US dollars per hour that the launch will count with until its machine is known. Undefined if no budget counts it. Throws
   * if its price is unknown.
   */
  async reservation(request: LaunchRequest): Promise<number | undefined> {
    const { store } = this.#options;
    if (!(await store.concerns(request))) return undefined;
    const price = (await this.#offered(request)) ?? request.maxHourlyCost ?? (await this.#last(request));
    if (price !== undefined) return price;
    const fault = 'is required: a budget counts this launch, and the price of its machine is not known now';
    throw new FieldError('maxHourlyCost', fault);
  }

  /** The answer to the caller of a launch that a budget has refused. */
  async refusal(
    refused: { readonly id: string; readonly running: number },
    asked: number,
  ): Promise<LaunchlogError> {
    const { store } = this.#options;
    await store.refused(refused.id).then(() => store.review());
    const budget = await store.find(refused.id);
    const limit = budget === undefined ? 'a budget' : nameOf(budget);
    const text = `${limit}: ${dollars(refused.running)} run now, and this launch would add ${dollars(asked)}`;
    return new LaunchlogError('budget_exceeded', text);
  }

  async #offered(request: LaunchRequest): Promise<number | undefined> {
    const { orchestrator, clock } = this.#options;
    const deadline = new Deadline({ clock, ms: PRICE_MS });
    try {
      const { secrets: _, ...asked } = request;
      return (await orchestrator.market(asked, deadline.signal)).offers[0]?.price;
    } catch {
      // SkyPilot is away: the other sources of prices count.
      return undefined;
    } finally {
      deadline.clear();
    }
  }

  #last(request: LaunchRequest): Promise<number | undefined> {
    const { provider, gpu, count, spot } = firstChoice(request);
    return this.#options.store.lastPrice({ provider, gpuType: gpu, gpuCount: count, useSpot: spot });
  }
}

function nameOf({ name, maxHourlyCost, tenantId, deploymentId }: Budget): string {
  const whose = [tenantId && `tenant ${tenantId}`, deploymentId && `deployment ${deploymentId}`];
  const owner = whose.filter((part) => part !== undefined).join(', ');
  return `the budget '${name}' of ${owner} allows ${dollars(maxHourlyCost)} per hour`;
}

function dollars(amount: number): string {
  return `$${Math.round(amount * 100) / 100}`;
}
