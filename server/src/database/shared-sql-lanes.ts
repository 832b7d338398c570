import { NodeStoreUnavailableError } from './sql-database.js';
import type { SqlDatabase } from './sql-database.js';
import type { SqlLanes } from './sql-lanes.js';

/** Calls that the connection holds: when one ends, the next one is already there. */
const IN_FLIGHT_MAX = 2;
/** Calls of one lane that wait, so that a slow database costs bounded memory. */
const WAITING_MAX = { own: 1_000, reads: 500, scans: 50 } as const;
type Lane = keyof typeof WAITING_MAX;
/** So many calls that go first are followed by one that waits behind them, so that a backlog of our own work keeps nobody waiting. */
const FIRST_IN_A_ROW = 8;

/**
 * Lanes over a database that runs one call after another, as the embedded one does. Calls of the first lane run first, then short
 * reads, then scans, of which only one runs at a time; after some calls in a row the next lane has its turn. See decision 114.
 */
export function openSharedLanes(database: SqlDatabase): SqlLanes {
  const queue = new LaneQueue();
  const lane = (name: Lane): SqlDatabase => ({
    query: (text, parameters) => queue.run(name, () => database.query(text, parameters)),
    script: (text) => queue.run(name, () => database.script(text)),
    close: () => database.close(),
    scanRowsMax: database.scanRowsMax,
    isExclusive: database.isExclusive,
  });
  return { own: lane('own'), reads: lane('reads'), scans: lane('scans'), close: () => database.close() };
}

class LaneQueue {
  readonly #waiting: Readonly<Record<Lane, (() => void)[]>> = { own: [], reads: [], scans: [] };
  #inFlight = 0;
  #scanning = false;
  /** Calls in a row that went before a waiting read, and before a waiting scan. */
  #beforeRead = 0;
  #beforeScan = 0;

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
      const call = this.#nextCall();
      if (call === undefined) return;
      call();
    }
  }

  #nextCall(): (() => void) | undefined {
    if (this.#beforeScan >= FIRST_IN_A_ROW) {
      const scan = this.#nextScan();
      if (scan !== undefined) return scan;
    }
    const { own, reads, scans } = this.#waiting;
    const isTurnOfReads = own.length === 0 || (this.#beforeRead >= FIRST_IN_A_ROW && reads.length > 0);
    const call = isTurnOfReads ? reads.shift() : own.shift();
    if (call === undefined) return this.#nextScan();
    this.#beforeRead = isTurnOfReads || reads.length === 0 ? 0 : this.#beforeRead + 1;
    this.#beforeScan = scans.length === 0 ? 0 : this.#beforeScan + 1;
    return call;
  }

  #nextScan(): (() => void) | undefined {
    if (this.#scanning) return undefined;
    this.#beforeScan = 0;
    return this.#waiting.scans.shift();
  }
}
