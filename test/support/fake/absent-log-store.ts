import { LogStoreUnavailableError } from '@launchlog/server/log/log-store';
import type {
  LogBatch,
  LogPosition,
  LogRange,
  LogSignal,
  NodeLogStore,
} from '@launchlog/server/log/log-store';

/** A log store that can be taken away and brought back, as a Redis that is restarted. */
export class AbsentLogStore implements NodeLogStore {
  readonly #store: NodeLogStore;
  away = false;
  /** How often it was asked while it was away. */
  refused = 0;

  constructor(store: NodeLogStore) {
    this.#store = store;
  }

  get positions() {
    return this.#store.positions;
  }

  claim(nodeId: string, attempt: number, renewal?: string) {
    return this.#ask(() => this.#store.claim(nodeId, attempt, renewal));
  }

  append(batch: LogBatch) {
    return this.#ask(() => this.#store.append(batch));
  }

  read(nodeId: string, range: LogRange) {
    return this.#ask(() => this.#store.read(nodeId, range));
  }

  changed(positions: readonly LogPosition[]) {
    return this.#ask(() => this.#store.changed(positions));
  }

  subscribe(nodeId: string, onSignal: (signal: LogSignal) => void) {
    return this.#ask(() => this.#store.subscribe(nodeId, onSignal));
  }

  clear(nodeId: string) {
    return this.#ask(() => this.#store.clear(nodeId));
  }

  ping() {
    return this.#ask(() => this.#store.ping());
  }

  probe() {
    return this.#ask(() => this.#store.probe());
  }

  close() {
    return this.#store.close();
  }

  async #ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    if (this.away) {
      this.refused += 1;
      throw new LogStoreUnavailableError('the log store is away');
    }
    return question();
  }
}
