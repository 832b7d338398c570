import { NodeStoreUnavailableError } from './sql-database.js';
import type { SqlDatabase } from './sql-database.js';
import type { SqlLanes } from './sql-lanes.js';

/** Calls that the connection holds: when one ends, the next one is already there. */
const IN_FLIGHT_MAX = 2;
/** Calls of one lane that wait, so that a slow database costs bounded memory. */
const WAITING_MAX = { own: 1_000, reads: 500, scans: 50 } as const;
type Lane = keyof typeof WAITING_MAX;

/**
 * Lanes over a database that runs one call after another, as the embedded one does. Calls of the first lane run first; a scan
 * begins only when nothing else waits, and only one runs at a time. See decision 114.
 */
export function openSharedLanes(database: SqlDatabase): SqlLanes {
  const queue = new LaneQueue();
  const lane = (name: Lane): SqlDatabase => ({
    query: (text, parameters) => queue.run(name, () => database.query(text, parameters)),
    script: (text) => queue.run(name, () => database.script(text)),
    close: () => database.close(),
    scanRowsMax: database.scanRowsMax,
  });
  return { own: lane('own'), reads: lane('reads'), scans: lane('scans'), close: () => database.close() };
}

class LaneQueue {
  readonly #waiting: Readonly<Record<Lane, (() => void)[]>> = { own: [], reads: [], scans: [] };
  #inFlight = 0;
  #scanning = false;

  run<Result>(lane: Lane, call: () => Promise<Result>): Promise<Result> {
    const waiting = this.#waiting[lane];
    if (waiting.length >= WAITING_MAX[lane]) {
      return Promise.reject(new NodeStoreUnavailableError('the embedded database is overloaded'));
    }
    return new Promise((resolve, reject) => {
      waiting.push(() => {
        this.#inFlight += 1;
        if (lane === 'scans') this.#scanning = true;
        void call()
          .then(resolve, reject)
          .finally(() => this.#ended(lane));
      });
      this.#next();
    });
  }

  #ended(lane: Lane): void {
    this.#inFlight -= 1;
    if (lane === 'scans') this.#scanning = false;
    this.#next();
  }

  #next(): void {
    while (this.#inFlight < IN_FLIGHT_MAX) {
      const call = this.#waiting.own.shift() ?? this.#waiting.reads.shift() ?? this.#nextScan();
      if (call === undefined) return;
      call();
    }
  }

  #nextScan(): (() => void) | undefined {
    return this.#scanning ? undefined : this.#waiting.scans.shift();
  }
}
