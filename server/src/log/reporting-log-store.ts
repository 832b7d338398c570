import type { Clock } from '../clock.js';
import {
  LogStoreUnavailableError,
  type AppendReply,
  type LogBatch,
  type LogClaim,
  type LogPosition,
  type LogRange,
  type LogSignal,
  type LogSlice,
  type LogSubscription,
  type NodeLogStore,
} from './log-store.js';
import type { PositionStore } from './position/position-store.js';
import type { StoreRefusal } from './store-refusal.js';
import { UnreadableRecords, type UnreadableRecord } from './damage/unreadable-records.js';

/** A store that stays away is reported again after this time, not with every attempt of every launch. */
const REPORT_EVERY_MS = 60_000;
/** A refusal is noticed within this time, also where no launch writes. */
const PROBE_EVERY_MS = 5_000;

interface ReportingLogStoreOptions {
  readonly store: NodeLogStore;
  readonly clock: Clock;
  /** Called when entries cannot be written; their writers keep them and retry. */
  readonly onRefused: (error: unknown) => void;
  /** Called when the store accepts entries again after a refusal. */
  readonly onTaken?: () => void;
  /** Called once for each log with a record that is not an entry, because another program wrote it. */
  readonly onUnreadable?: (record: UnreadableRecord) => void;
}

/**
 * Notices whether the log store accepts entries, and reports to the operator when it does not. A full disk, a replica, or a
 * Redis without memory still answers readers, so that the failure would otherwise look like a log that makes no progress.
 */
export class ReportingLogStore implements NodeLogStore {
  readonly #store: NodeLogStore;
  readonly #options: ReportingLogStoreOptions;
  readonly #stopProbes: () => void;
  readonly #unreadable: UnreadableRecords;
  #reportedAtMs: number | undefined;
  #refusal: StoreRefusal | undefined;
  #probed: { readonly atMs: number; readonly answer: Promise<void> } | undefined;

  constructor(options: ReportingLogStoreOptions) {
    this.#store = options.store;
    this.#options = options;
    this.#unreadable = new UnreadableRecords((record) => options.onUnreadable?.(record));
    this.#stopProbes = options.clock.every(PROBE_EVERY_MS, () => void this.probe().catch(() => undefined));
  }

  /** Why the store takes no entries although it answers; undefined while it takes them, as far as is known. */
  get refusal(): StoreRefusal | undefined {
    return this.#refusal;
  }

  get positions(): PositionStore {
    return this.#store.positions;
  }

  async claim(nodeId: string, attempt: number, renewal?: string): Promise<LogClaim> {
    const claim = await this.#reported(this.#store.claim(nodeId, attempt, renewal));
    if (claim.kind === 'claimed') this.#took();
    return claim;
  }

  async append(batch: LogBatch): Promise<AppendReply> {
    const reply = await this.#reported(this.#store.append(batch));
    // A replica gives every other reply too: nothing was written.
    if (reply.kind === 'appended') this.#took();
    return reply;
  }

  async read(nodeId: string, range: LogRange): Promise<LogSlice> {
    const slice = await this.#store.read(nodeId, range);
    this.#unreadable.look(nodeId, slice);
    return slice;
  }

  changed(positions: readonly LogPosition[]): Promise<readonly string[]> {
    return this.#store.changed(positions);
  }

  subscribe(nodeId: string, onSignal: (signal: LogSignal) => void): Promise<LogSubscription> {
    return this.#store.subscribe(nodeId, onSignal);
  }

  clear(nodeId: string): Promise<void> {
    return this.#store.clear(nodeId);
  }

  /** Also rejects if the store answers, but takes no entries. */
  async ping(): Promise<void> {
    await this.#store.ping();
    await this.probe();
  }

  /** Asks the store at most once in 5 s; in between the answer is the last one. */
  probe(): Promise<void> {
    const now = this.#options.clock.monotonic();
    if (this.#probed === undefined || now - this.#probed.atMs >= PROBE_EVERY_MS) {
      this.#probed = { atMs: now, answer: this.#probe() };
    }
    return this.#probed.answer;
  }

  close(): Promise<void> {
    this.#stopProbes();
    return this.#store.close();
  }

  async #probe(): Promise<void> {
    try {
      await this.#store.probe();
      this.#took();
    } catch (error) {
      // Calls that need the store report that it is away.
      if (refusalOf(error) !== undefined) this.#report(error);
      throw error;
    }
  }

  #took(): void {
    if (this.#refusal === undefined) return;
    this.#refusal = undefined;
    this.#reportedAtMs = undefined;
    this.#options.onTaken?.();
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
    const refusal = refusalOf(error);
    const isKnown = refusal === undefined || refusal === this.#refusal;
    this.#refusal = refusal ?? this.#refusal;
    if (isKnown && this.#reportedAtMs !== undefined && now - this.#reportedAtMs < REPORT_EVERY_MS) return;
    this.#reportedAtMs = now;
    this.#options.onRefused(error);
  }
}

function refusalOf(error: unknown): StoreRefusal | undefined {
  return error instanceof LogStoreUnavailableError ? error.refusal : undefined;
}
