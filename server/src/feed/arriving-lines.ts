import type { LogSignal } from '../log/log-store.js';
import type { DeliveryTurns } from './delivery-turns.js';

export type AppendedLines = Extract<LogSignal, { kind: 'appended' }>;

/** Characters of one batch, which approximate bytes well enough for a bound. A batch of the store may exceed it. */
const BATCH_CHARACTERS_MAX = 256 * 1024;

interface HeldLines {
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lines: string[];
  characters: number;
}

/**
 * Announced lines of one log until the next delivery. Consecutive lines become one batch: one write per reader instead of one
 * write per line.
 */
export class ArrivingLines {
  readonly #turns: DeliveryTurns;
  readonly #onBatch: (batch: AppendedLines) => void;
  #held: HeldLines | undefined;

  constructor(turns: DeliveryTurns, onBatch: (batch: AppendedLines) => void) {
    this.#turns = turns;
    this.#onBatch = onBatch;
  }

  add({ epoch, firstSeq, lines }: AppendedLines): void {
    const before = this.#held;
    const follows = before?.epoch === epoch && before.firstSeq + before.lines.length === firstSeq;
    if (!follows) this.deliver();
    const held = (this.#held ??= { epoch, firstSeq, lines: [], characters: 0 });
    for (const line of lines) {
      held.lines.push(line);
      held.characters += line.length;
    }
    if (held.characters >= BATCH_CHARACTERS_MAX) this.deliver();
    else if (!follows) this.#turns.join(this.deliver);
  }

  /** Delivers what has arrived now, so that what comes next does not overtake it. */
  readonly deliver = (): void => {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return;
    const { epoch, firstSeq, lines } = held;
    this.#onBatch({ kind: 'appended', epoch, firstSeq, lines });
  };
}
