import type { Clock } from '../clock.js';
import type {
  AppendReply,
  LogBatch,
  LogClaim,
  LogPosition,
  LogRange,
  LogSignal,
  LogSlice,
  LogSubscription,
  NodeLogStore,
} from './log-store.js';
import type { PositionStore } from './position/position-store.js';

/** Measures the calls to a log store and passes them on. */
export class MeteredLogStore implements NodeLogStore {
  readonly #store: NodeLogStore;
  readonly #meter: LogStoreMeter;
  readonly #clock: Clock;

  constructor(store: NodeLogStore, meter: LogStoreMeter, clock: Clock) {
    this.#store = store;
    this.#meter = meter;
    this.#clock = clock;
  }

  get positions(): PositionStore {
    return this.#store.positions;
  }

  claim(nodeId: string, attempt: number, renewal?: string): Promise<LogClaim> {
    return this.#timed('claim', () => this.#store.claim(nodeId, attempt, renewal));
  }

  async append(batch: LogBatch): Promise<AppendReply> {
    const reply = await this.#timed('append', () => this.#store.append(batch));
    this.#meter.appended(reply.kind, batch.lines);
    return reply;
  }

  read(nodeId: string, range: LogRange): Promise<LogSlice> {
    return this.#timed('read', () => this.#store.read(nodeId, range));
  }

  changed(positions: readonly LogPosition[]): Promise<readonly string[]> {
    return this.#timed('changed', () => this.#store.changed(positions));
  }

  subscribe(nodeId: string, onSignal: (signal: LogSignal) => void): Promise<LogSubscription> {
    return this.#timed('subscribe', () => this.#store.subscribe(nodeId, onSignal));
  }

  clear(nodeId: string): Promise<void> {
    return this.#timed('clear', () => this.#store.clear(nodeId));
  }

  ping(): Promise<void> {
    return this.#store.ping();
  }

  probe(): Promise<void> {
    return this.#store.probe();
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #timed<Reply>(operation: LogStoreOperation, call: () => Promise<Reply>): Promise<Reply> {
    const startMs = this.#clock.monotonic();
    let failed = true;
    try {
      const reply = await call();
      failed = false;
      return reply;
    } finally {
      this.#meter.answered(operation, this.#clock.monotonic() - startMs, failed);
    }
  }
}

export type LogStoreOperation = 'claim' | 'append' | 'read' | 'changed' | 'subscribe' | 'clear';

/** Observes the calls to a log store. Its methods must not throw or block. */
export interface LogStoreMeter {
  /** A call was answered; `failed` means that the store was away or refused. */
  answered(operation: LogStoreOperation, ms: number, failed: boolean): void;
  appended(reply: AppendReply['kind'], lines: readonly string[]): void;
}
