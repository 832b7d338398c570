import type { Clock } from '../clock.js';

interface ProbeScheduleOptions<Item> {
  readonly clock: Clock;
  /** Probes one item and resolves to the milliseconds until its next probe. Must not reject. */
  readonly probe: (item: Item) => Promise<number>;
}

/** How often due probes are started. */
const TICK_MS = 250;
/** Probes that run at once: a network that drops everything must not use up all sockets. */
const IN_FLIGHT_MAX = 1_000;

interface Planned {
  /** When the next probe is due, by the monotonic clock. */
  dueMs: number;
  busy: boolean;
}

/** Probes every item periodically, each at its own pace. Items that were added at different times stay apart. */
export class ProbeSchedule<Item> {
  readonly #options: ProbeScheduleOptions<Item>;
  readonly #planned = new Map<Item, Planned>();
  #inFlight = 0;
  #isStarted = false;
  /** Ticks only while something is planned. */
  #stopTicks: (() => void) | undefined;

  constructor(options: ProbeScheduleOptions<Item>) {
    this.#options = options;
  }

  /** Idempotent. */
  start(): void {
    this.#isStarted = true;
    this.#tickIfNeeded();
  }

  /** Does not wait for running probes. Idempotent. */
  stop(): void {
    this.#isStarted = false;
    this.#planned.clear();
    this.#tickIfNeeded();
  }

  add(item: Item, afterMs: number): void {
    this.#planned.set(item, { dueMs: this.#options.clock.monotonic() + afterMs, busy: false });
    this.#tickIfNeeded();
  }

  remove(item: Item): void {
    this.#planned.delete(item);
    this.#tickIfNeeded();
  }

  /** Probes the item at the next tick, if it is known. */
  hurry(item: Item): void {
    const planned = this.#planned.get(item);
    if (planned !== undefined) planned.dueMs = this.#options.clock.monotonic();
  }

  #tickIfNeeded(): void {
    if (this.#isStarted && this.#planned.size > 0) {
      this.#stopTicks ??= this.#options.clock.every(TICK_MS, () => this.#tick());
    } else {
      this.#stopTicks?.();
      this.#stopTicks = undefined;
    }
  }

  #tick(): void {
    const nowMs = this.#options.clock.monotonic();
    for (const [item, planned] of this.#planned) {
      if (planned.busy || planned.dueMs > nowMs) continue;
      if (this.#inFlight >= IN_FLIGHT_MAX) return;
      void this.#run(item, planned);
    }
  }

  async #run(item: Item, planned: Planned): Promise<void> {
    planned.busy = true;
    this.#inFlight += 1;
    const beganMs = planned.dueMs;
    const pauseMs = await this.#options.probe(item);
    this.#inFlight -= 1;
    planned.busy = false;
    // Counts from the planned time: otherwise slow answers would make all probes drift into one moment.
    planned.dueMs = Math.max(beganMs + pauseMs, this.#options.clock.monotonic());
  }
}
