import type { StoredRequest } from '../../node/node-record.js';
import type { CallLog } from '../../orchestrator/access/call-log.js';
import type { Orchestrator } from '../../orchestrator/orchestrator.js';
import type { TimeLimit } from '../../wait/deadline.js';
import { Deadline } from '../../wait/deadline.js';
import type { Failure, Launch } from '../launch.js';

/** A launch waits no longer for the answer: the task has the limit too, and SkyPilot enforces it. */
const ASK_MS = 60_000;

/**
 * Asks, before anything is submitted, whether an offer is within the launch's price limit, and returns the failure if none
 * is. Undefined also without a limit, and if the market cannot be asked: the task has the limit too.
 */
export async function tooExpensive(
  orchestrator: Pick<Orchestrator, 'market'>,
  request: StoredRequest,
  {
    clock,
    signal,
    calls,
  }: Pick<TimeLimit, 'clock'> & { readonly signal: AbortSignal; readonly calls: CallLog },
): Promise<Failure | undefined> {
  const { maxHourlyCost } = request;
  if (maxHourlyCost === undefined) return undefined;
  const deadline = new Deadline({ clock, ms: ASK_MS, signal });
  const end = calls.begin('optimize');
  try {
    const { offers, problem } = await orchestrator.market(request, deadline.signal);
    end();
    if (offers.some(({ price }) => price === undefined || price <= maxHourlyCost)) return undefined;
    const why = problem === undefined ? '' : ` (${problem})`;
    return refusal(`No offer is within the $${maxHourlyCost} per hour that the launch allows${why}.`);
  } catch (error) {
    end(error);
    return undefined;
  } finally {
    deadline.clear();
  }
}

/** The failure if the offer that is being tried, or was won, costs more than the limit. Undefined while its price is unknown. */
export function overPriced({ maxHourlyCost }: StoredRequest, launch: Launch): Failure | undefined {
  if (maxHourlyCost === undefined) return undefined;
  const tried = launch.attempts.find(({ outcome }) => outcome !== 'failed');
  if (tried?.price === undefined || tried.price <= maxHourlyCost) return undefined;
  const place = [tried.cloud, tried.zone ?? tried.region].filter((part) => part !== undefined).join(' ');
  return refusal(
    `${place} costs $${tried.price} per hour, more than the $${maxHourlyCost} that the launch allows.`,
  );
}

function refusal(message: string): Failure {
  const hint = 'Raise max_hourly_cost, or allow other machines, regions or providers.';
  return { reason: 'no_capacity', message, hint };
}
