import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import { LookBack } from '../wait/look-back.js';
import { WokenLoop } from '../wait/woken-loop.js';
import type { DeliveryAttempt } from './delivery-attempt.js';
import type { ClaimedDelivery, NotificationStore } from './notification-store.js';

interface NotificationDispatcherOptions {
  readonly store: NotificationStore;
  readonly attempt: DeliveryAttempt;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pollMs?: number | undefined;
  readonly leaseMs?: number | undefined;
}

/** Attempts of this process that run at once. */
const IN_FLIGHT_MAX = 32;
/** Attempts to one host at once, so that a silent receiver delays few others. Each rule has one at a time. */
const IN_FLIGHT_PER_HOST_MAX = 4;
/** Far more than an attempt can last. */
const LEASE_MS = 60_000;
/** How often the dispatcher looks for ended launches and due deliveries without being woken. */
const POLL_MS = 2_000;
/** How far a whole look goes back: at the start, every hour, and after the database was away. */
const LOOKBACK_MS = 7 * 24 * 3_600_000;
/** Longer than the far look: a delivery deleted while its launch is still looked at would be sent again. */
const RETENTION_MS = 30 * 24 * 3_600_000;
/** How long running attempts may still take when the server stops. */
const CLOSE_GRACE_MS = 2_000;

/**
 * Sends the deliveries of the outbox. Any number of servers may run a dispatcher on the same database: each delivery is
 * leased to one of them at a time. It changes no launch, and no launch waits for it. See decision 72.
 *
 *     look for ended launches -> fill the outbox -> claim what is due -> attempt -> settle or release
 */
export class NotificationDispatcher {
  readonly #options: NotificationDispatcherOptions;
  readonly #loop: WokenLoop;
  readonly #breakOff = new AbortController();
  readonly #inFlight = new Map<string, { readonly ruleId: string; readonly host: string }>();
  readonly #attempts = new Set<Promise<void>>();
  #fillDue = true;
  readonly #lookBack: LookBack;

  constructor(options: NotificationDispatcherOptions) {
    const { clock, logger, pollMs = POLL_MS } = options;
    this.#options = options;
    this.#lookBack = new LookBack({ clock, wholeMs: LOOKBACK_MS });
    this.#loop = new WokenLoop({
      clock,
      round: (woken) => this.#work(woken),
      pauseMs: () => pollMs,
      onFailure: (error, failures) => {
        if (failures === 1) logger.warn({ err: error }, 'notifications wait for the database');
        this.#lookBack.forget();
      },
      wakesAfterFailure: false,
    });
  }

  /** Idempotent. */
  start(): void {
    this.#loop.start();
  }

  /** Looks now: a launch may have ended, or a delivery became due. Never throws. */
  nudge(): void {
    this.#fillDue = true;
    this.#loop.wake();
  }

  /** Running attempts get 2 s to end; an interrupted delivery is attempted again by the next server. */
  async close(): Promise<void> {
    await this.#loop.stop();
    const { reason } = this.#loop.stopping;
    const cancel = this.#options.clock.after(CLOSE_GRACE_MS, () => this.#breakOff.abort(reason));
    await Promise.all(this.#attempts);
    cancel();
  }

  async #work(woken: boolean): Promise<void> {
    if (!woken) this.#fillDue = true;
    // Otherwise an attempt has ended, and its rule may have another delivery.
    if (!this.#fillDue || (await this.#fill())) await this.#claimAll();
  }

  /** Resolves to whether a delivery may be due. */
  async #fill(): Promise<boolean> {
    this.#fillDue = false;
    try {
      const { hasRules, hasDue } = await this.#options.store.look();
      const added = await this.#addMissing(hasRules);
      return hasDue || added > 0;
    } catch (error) {
      this.#fillDue = true;
      throw error;
    }
  }

  /** Without rules nothing is missing, and the look counts: a rule applies to what happens from a minute before it. */
  async #addMissing(hasRules: boolean): Promise<number> {
    const { store } = this.#options;
    const { stopping } = this.#loop;
    let added = 0;
    const fill = async (sinceMs: number, untilMs?: number) => {
      const count = hasRules ? await store.fill(sinceMs, untilMs) : 0;
      added += count;
      return count;
    };
    if (!(await this.#lookBack.fill({ fill }, stopping))) return added;
    while ((await store.prune(RETENTION_MS)) > 0) if (stopping.aborted) break;
    return added;
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
        // The lease expires, and the delivery is attempted again with the same id.
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
