import type { LogSignal } from '../log/log-store.js';
import type { DeliveryTurns } from './delivery-turns.js';

export type AppendedLines = Extract<LogSignal, { kind: 'appended' }>;

/** Characters of one batch, which approximate bytes well enough for a bound. A batch of the store may exceed it. */
const BATCH_CHARACTERS_MAX = 256 * 1024;

/**
 * Announced lines of one log until the next delivery. Consecutive lines become one batch: one write per reader instead of one
 * write per line.
 */
export class ArrivingLines {
  readonly #turns: DeliveryTurns;
  readonly #onBatch: (batch: AppendedLines) => void;
  #held: AppendedLines | undefined;
  /** The lines of what is held, once there is more than one announcement of them. */
  #gathered: string[] | undefined;
  #characters = 0;

  constructor(turns: DeliveryTurns, onBatch: (batch: AppendedLines) => void) {
    this.#turns = turns;
    this.#onBatch = onBatch;
  }

  add(arrived: AppendedLines): void {
    const held = this.#held;
    const follows = held?.epoch === arrived.epoch && held.firstSeq + held.lines.length === arrived.firstSeq;
    if (follows) this.#gather(held, arrived.lines);
    else {
      this.deliver();
      this.#held = arrived;
    }
    for (const line of arrived.lines) this.#characters += line.length;
    if (this.#characters >= BATCH_CHARACTERS_MAX) this.deliver();
    else if (!follows) this.#turns.join(this.deliver);
  }

  /** Delivers what has arrived now, so that what comes next does not overtake it. */
  readonly deliver = (): void => {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#gathered = undefined;
    this.#characters = 0;
    this.#onBatch(held);
  };

  #gather(held: AppendedLines, lines: readonly string[]): void {
    if (this.#gathered === undefined) {
      this.#gathered = [...held.lines];
      this.#held = { ...held, lines: this.#gathered };
    }
    for (const line of lines) this.#gathered.push(line);
  }
}
