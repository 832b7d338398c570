import type { Clock } from '../clock.js';
import type { DeliveryTurns } from './delivery-turns.js';
import type { LogFeedMeter } from './log-feed-meter.js';

interface TurnDeliveriesOptions {
  readonly meter: Pick<LogFeedMeter, 'delivered'>;
  readonly clock: Clock;
  readonly turns: DeliveryTurns;
}

/** Reports what all logs deliver in one turn as one delivery: to measure each line of many logs would cost as much as to read it. */
export class TurnDeliveries {
  readonly #options: TurnDeliveriesOptions;
  #entries = 0;
  #oldest: string | undefined;

  constructor(options: TurnDeliveriesOptions) {
    this.#options = options;
  }

  /** `timestamp` is that of the newest entry of a batch. */
  add(entries: number, timestamp: string): void {
    this.#entries += entries;
    const isFirst = this.#oldest === undefined;
    if (this.#oldest === undefined || timestamp < this.#oldest) this.#oldest = timestamp;
    if (isFirst) this.#options.turns.afterwards(this.#report);
  }

  readonly #report = (): void => {
    if (this.#oldest === undefined) return;
    const { meter, clock } = this.#options;
    meter.delivered(this.#entries, clock.now() - Date.parse(this.#oldest));
    this.#entries = 0;
    this.#oldest = undefined;
  };
}
