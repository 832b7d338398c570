import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
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
  readonly #stopping = new AbortController();
  readonly #inFlight = new Map<string, { readonly ruleId: string; readonly host: string }>();
  readonly #attempts = new Set<Promise<void>>();
  #running: Promise<void> | undefined;
  #endPause: (() => void) | undefined;
  #woken = false;
  #fillDue = true;
  #farLookAt = -Infinity;
  #databaseAway = false;

  constructor(options: NotificationDispatcherOptions) {
    this.#options = options;
  }

  /** Harmless when called twice. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Something may have happened to a launch, or a delivery was made due: look now. Never throws. */
  nudge(): void {
    this.#fillDue = true;
    this.#wake();
  }

  /** Attempts under way get a moment to end; what is broken off then is tried again by the next server. */
  async close(): Promise<void> {
    this.#stopping.abort(new Error('this server is stopping'));
    this.#wake();
    await this.#running;
  }

  #wake(): void {
    this.#woken = true;
    this.#endPause?.();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const breakOff = new AbortController();
    while (!signal.aborted) {
      this.#woken = false;
      try {
        await this.#fill();
        await this.#claimAll(breakOff.signal);
        this.#databaseAway = false;
      } catch (error) {
        if (!this.#databaseAway)
          this.#options.logger.warn({ err: error }, 'notifications wait for the database');
        this.#databaseAway = true;
        this.#farLookAt = -Infinity;
      }
      if (!signal.aborted && (!this.#woken || this.#databaseAway)) await this.#pause();
    }
    const cancel = this.#options.clock.after(CLOSE_GRACE_MS, () => breakOff.abort(signal.reason));
    await Promise.all(this.#attempts);
    cancel();
  }

  /** Ends early when woken; not while the database is away, which is asked again in its own time. */
  #pause(): Promise<void> {
    const { clock, pollMs = POLL_MS } = this.#options;
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#endPause = undefined;
        resolve();
      };
      const cancel = clock.after(pollMs, () => {
        this.#fillDue = true;
        end();
      });
      this.#endPause = () => {
        if (!this.#databaseAway || this.#stopping.signal.aborted) end();
      };
    });
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
    while (made > 0 && !this.#stopping.signal.aborted) made = await store.fill(LOOKBACK_MS);
    await store.prune(RETENTION_MS);
    this.#farLookAt = nowMs;
  }

  async #claimAll(breakOff: AbortSignal): Promise<void> {
    while (this.#inFlight.size < IN_FLIGHT_MAX && !this.#stopping.signal.aborted) {
      const busy = [...this.#inFlight.values()];
      const claimed = await this.#options.store.claim({
        leaseMs: this.#options.leaseMs ?? LEASE_MS,
        exceptRules: busy.map(({ ruleId }) => ruleId),
        exceptHosts: fullHosts(busy.map(({ host }) => host)),
      });
      if (claimed === undefined) return;
      this.#begin(claimed, breakOff);
    }
  }

  #begin(claimed: ClaimedDelivery, breakOff: AbortSignal): void {
    const { id, ruleId } = claimed.delivery;
    this.#inFlight.set(id, { ruleId, host: claimed.host });
    const attempt = this.#options.attempt
      .run(claimed, breakOff)
      .catch((error: unknown) => {
        // The lease runs out and the delivery is tried again, with the same id.
        this.#options.logger.warn({ err: error, deliveryId: id }, 'a notification attempt was not recorded');
      })
      .finally(() => {
        this.#inFlight.delete(id);
        this.#attempts.delete(attempt);
        this.#wake();
      });
    this.#attempts.add(attempt);
  }
}

function fullHosts(hosts: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const host of hosts) counts.set(host, (counts.get(host) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= IN_FLIGHT_PER_HOST_MAX).map(([host]) => host);
}
