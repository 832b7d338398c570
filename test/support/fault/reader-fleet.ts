import { eventually } from '../within.js';
import { FleetReader, type FleetTarget, type ReaderTally } from './fleet-reader.js';

/** The sum of what all readers got. */
export interface FleetTally {
  readonly readers: number;
  readonly delivered: number;
  readonly lost: number;
  readonly repeated: number;
  readonly unannounced: number;
  readonly resets: number;
  readonly gaps: number;
  readonly connects: number;
  readonly done: number;
}

/** Many readers of one log, half of them by SSE and half by tRPC, that reconnect whenever they are cut off. */
export class ReaderFleet {
  readonly #readers: FleetReader[];

  constructor(count: number, target: (connects: number, reader: number) => FleetTarget) {
    this.#readers = Array.from(
      { length: count },
      (_, index) => new FleetReader(index % 2 === 0 ? 'sse' : 'trpc', (connects) => target(connects, index)),
    );
    for (const reader of this.#readers) reader.connect();
  }

  get tallies(): readonly ReaderTally[] {
    return this.#readers.map(({ tally }) => tally);
  }

  cut(): void {
    for (const reader of this.#readers) reader.cut();
  }

  stop(): void {
    for (const reader of this.#readers) reader.stop();
  }

  /** Waits until every reader has had another entry. */
  async advance(): Promise<void> {
    const reached = Math.max(...this.tallies.map(({ delivered }) => delivered));
    await this.until(({ delivered }) => delivered > reached);
  }

  async until(everyOne: (tally: ReaderTally) => boolean): Promise<void> {
    const late = () => {
      const tallies = this.tallies.filter((tally) => !everyOne(tally));
      return `${tallies.length} readers; the first: ${JSON.stringify(tallies[0])}`;
    };
    await eventually(late, () => this.tallies.every(everyOne));
  }

  get sum(): FleetTally {
    const sum = (of: (tally: ReaderTally) => number) =>
      this.tallies.reduce((all, tally) => all + of(tally), 0);
    return {
      readers: this.#readers.length,
      delivered: sum(({ delivered }) => delivered),
      lost: sum(({ lost }) => lost),
      repeated: sum(({ repeated }) => repeated),
      unannounced: sum(({ unannounced }) => unannounced),
      resets: sum(({ resets }) => resets),
      gaps: sum(({ gaps }) => gaps),
      connects: sum(({ connects }) => connects),
      done: sum(({ done }) => (done ? 1 : 0)),
    };
  }
}
