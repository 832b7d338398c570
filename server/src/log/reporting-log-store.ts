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

/** A store that stays away is reported again after this time, not with every attempt of every launch. */
const REPORT_EVERY_MS = 60_000;

interface ReportingLogStoreOptions {
  readonly store: NodeLogStore;
  readonly clock: Clock;
  /** Entries cannot be written now; their writers keep them and try again. */
  readonly onRefused: (error: unknown) => void;
}

/**
 * Reports to the operator when the log store accepts no entries. A full disk, or a Redis without memory, still answers
 * readers, so that the failure would otherwise look like a log that makes no progress.
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
