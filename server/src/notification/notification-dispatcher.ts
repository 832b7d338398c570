import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import { WokenLoop } from '../wait/woken-loop.js';
import type { DeliveryAttempt } from './delivery-attempt.js';
import type { ClaimedDelivery, NotificationStore } from './notification-store.js';

export interface NotificationDispatcherOptions {
  readonly store: NotificationStore;
  readonly attempt: DeliveryAttempt;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pollMs?: number | undefined;
  readonly leaseMs?: number | undefined;
}

/** Attempts of this process under way at once. */
const IN_FLIGHT_MAX = 32;
/** Of those to one host: a receiver that answers nobody holds up few of them. A rule has one at a time. */
const IN_FLIGHT_PER_HOST_MAX = 4;
/** Far more than an attempt can last. */
const LEASE_MS = 60_000;
/** Look for launches that ended, and for what is due, also when nobody said anything. */
const POLL_MS = 2_000;
/** Each look goes back so far … */
const RECENT_MS = 3_600_000;
/** … and one in a while, at the start, and when the database was away, as far as anything may have come late. */
const LOOKBACK_MS = 7 * 24 * 3_600_000;
const LOOK_FAR_BACK_EVERY_MS = 3_600_000;
/** Longer than the far look: a delivery that is forgotten while its launch is still looked at would be made again. */
const RETENTION_MS = 30 * 24 * 3_600_000;
/** After this the attempts under way are broken off. */
const CLOSE_GRACE_MS = 2_000;

/**
 * Carries the outbox to the receivers. Any number of servers may run one each on the same database: each delivery is
 * with one of them at a time. It touches no launch, and nothing waits for it.
 */
export class NotificationDispatcher {
  readonly #options: NotificationDispatcherOptions;
  readonly #loop: WokenLoop;
  readonly #breakOff = new AbortController();
  readonly #inFlight = new Map<string, { readonly ruleId: string; readonly host: string }>();
  readonly #attempts = new Set<Promise<void>>();
  #fillDue = true;
  #farLookAt = -Infinity;

  constructor(options: NotificationDispatcherOptions) {
    const { clock, logger, pollMs = POLL_MS } = options;
    this.#options = options;
    this.#loop = new WokenLoop({
      clock,
      round: (woken) => this.#work(woken),
      pauseMs: () => pollMs,
      onFailure: (error, failures) => {
        if (failures === 1) logger.warn({ err: error }, 'notifications wait for the database');
        this.#farLookAt = -Infinity;
      },
      wakesAfterFailure: false,
    });
  }

  /** Harmless when called twice. */
  start(): void {
    this.#loop.start();
  }

  /** Something may have happened to a launch, or a delivery was made due: look now. Never throws. */
  nudge(): void {
    this.#fillDue = true;
    this.#loop.wake();
  }

  /** Attempts under way get a moment to end; what is broken off then is tried again by the next server. */
  async close(): Promise<void> {
    await this.#loop.stop();
    const { reason } = this.#loop.stopping;
    const cancel = this.#options.clock.after(CLOSE_GRACE_MS, () => this.#breakOff.abort(reason));
    await Promise.all(this.#attempts);
    cancel();
  }

  async #work(woken: boolean): Promise<void> {
    if (!woken) this.#fillDue = true;
    await this.#fill();
    await this.#claimAll();
  }

  async #fill(): Promise<void> {
    if (!this.#fillDue) return;
    this.#fillDue = false;
    try {
      await this.#look();
    } catch (error) {
      this.#fillDue = true;
      throw error;
    }
  }

  async #look(): Promise<void> {
    const { store, clock } = this.#options;
    const nowMs = clock.monotonic();
    if (nowMs - this.#farLookAt < LOOK_FAR_BACK_EVERY_MS) {
      await store.fill(RECENT_MS);
      return;
    }
    // One call makes so many deliveries and no more.
    let made = await store.fill(LOOKBACK_MS);
    while (made > 0 && !this.#loop.stopping.aborted) made = await store.fill(LOOKBACK_MS);
    await store.prune(RETENTION_MS);
    this.#farLookAt = nowMs;
  }

  async #claimAll(): Promise<void> {
    while (this.#inFlight.size < IN_FLIGHT_MAX && !this.#loop.stopping.aborted) {
      const busy = [...this.#inFlight.values()];
      const claimed = await this.#options.store.claim({
        leaseMs: this.#options.leaseMs ?? LEASE_MS,
        exceptRules: busy.map(({ ruleId }) => ruleId),
        exceptHosts: fullHosts(busy.map(({ host }) => host)),
      });
      if (claimed === undefined) return;
      this.#begin(claimed);
    }
  }

  #begin(claimed: ClaimedDelivery): void {
    const { id, ruleId } = claimed.delivery;
    this.#inFlight.set(id, { ruleId, host: claimed.host });
    const attempt = this.#options.attempt
      .run(claimed, this.#breakOff.signal)
      .catch((error: unknown) => {
        // The lease runs out and the delivery is tried again, with the same id.
        this.#options.logger.warn({ err: error, deliveryId: id }, 'a notification attempt was not recorded');
      })
      .finally(() => {
        this.#inFlight.delete(id);
        this.#attempts.delete(attempt);
        this.#loop.wake();
      });
    this.#attempts.add(attempt);
  }
}

function fullHosts(hosts: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const host of hosts) counts.set(host, (counts.get(host) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= IN_FLIGHT_PER_HOST_MAX).map(([host]) => host);
}
