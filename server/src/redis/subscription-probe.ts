import type { Clock } from '../clock.js';

const PROBE_EVERY_MS = 5_000;
/** A probe that has not returned by then proves that the connection is open but receives nothing. */
const PROBE_DEADLINE_MS = 3_000;

interface SubscriptionProbeOptions {
  readonly clock: Clock;
  /** A channel that the connection is subscribed to, for the probe alone. */
  readonly channel: string;
  readonly publish: () => Promise<unknown>;
  /** Called when messages do not arrive any more. */
  readonly onSilent: () => void;
}

/**
 * Publishes a message to a subscription every few seconds to prove that messages still arrive, because a half-open connection,
 * or one to a server that is cut off from the others, shows no error. See decision 13.
 */
export class SubscriptionProbe {
  readonly #options: SubscriptionProbeOptions;
  #stopProbes: (() => void) | undefined;
  #stopDeadline: (() => void) | undefined;

  constructor(options: SubscriptionProbeOptions) {
    this.#options = options;
  }

  get channel(): string {
    return this.#options.channel;
  }

  start(): void {
    this.#stopProbes = this.#options.clock.every(PROBE_EVERY_MS, () => void this.#probe());
  }

  /** Idempotent; it may be started again. */
  stop(): void {
    this.#stopProbes?.();
    this.#stopProbes = undefined;
    this.#endWait();
  }

  /** Whether a message is a probe that has returned. */
  takes(channel: string): boolean {
    if (channel !== this.channel) return false;
    this.#endWait();
    return true;
  }

  async #probe(): Promise<void> {
    if (this.#stopDeadline !== undefined) return;
    const { clock, publish, onSilent } = this.#options;
    this.#stopDeadline = clock.after(PROBE_DEADLINE_MS, onSilent);
    try {
      await publish();
    } catch {
      this.#endWait(); // nothing was published, so silence proves nothing
    }
  }

  #endWait(): void {
    this.#stopDeadline?.();
    this.#stopDeadline = undefined;
  }
}
