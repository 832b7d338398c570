import type { Clock } from '../clock.js';
import type {
  AppendReply,
  LogBatch,
  LogClaim,
  LogRange,
  LogSignal,
  LogSlice,
  LogSubscription,
  NodeLogStore,
} from './log-store.js';

/** A store that stays away is reported again after so long, not with every attempt of every launch. */
const REPORT_EVERY_MS = 60_000;

interface ReportingLogStoreOptions {
  readonly store: NodeLogStore;
  readonly clock: Clock;
  /** Entries cannot be written now; whoever writes them keeps them and tries again. */
  readonly onRefused: (error: unknown) => void;
}

/**
 * A log store that tells the operator when it takes no entries: a full disk or a Redis without memory still answers
 * readers, and would otherwise show as a log that stands still.
 */
export class ReportingLogStore implements NodeLogStore {
  readonly #store: NodeLogStore;
  readonly #options: ReportingLogStoreOptions;
  #reportedAtMs: number | undefined;

  constructor(options: ReportingLogStoreOptions) {
    this.#store = options.store;
    this.#options = options;
  }

  claim(nodeId: string, attempt: number, renewal?: string): Promise<LogClaim> {
    return this.#reported(this.#store.claim(nodeId, attempt, renewal));
  }

  append(batch: LogBatch): Promise<AppendReply> {
    return this.#reported(this.#store.append(batch));
  }

  read(nodeId: string, range: LogRange): Promise<LogSlice> {
    return this.#store.read(nodeId, range);
  }

  subscribe(nodeId: string, onSignal: (signal: LogSignal) => void): Promise<LogSubscription> {
    return this.#store.subscribe(nodeId, onSignal);
  }

  clear(nodeId: string): Promise<void> {
    return this.#store.clear(nodeId);
  }

  ping(): Promise<void> {
    return this.#store.ping();
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #reported<Reply>(write: Promise<Reply>): Promise<Reply> {
    try {
      return await write;
    } catch (error) {
      this.#report(error);
      throw error;
    }
  }

  #report(error: unknown): void {
    const now = this.#options.clock.monotonic();
    if (this.#reportedAtMs !== undefined && now - this.#reportedAtMs < REPORT_EVERY_MS) return;
    this.#reportedAtMs = now;
    this.#options.onRefused(error);
  }
}
