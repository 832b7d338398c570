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
import { DamageReports, type DamageReport } from './damage/damage-reports.js';
import { faultsOfLines } from './damage/foreign-lines.js';
import type { LogFaultField } from './damage/log-fault.js';

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
  /** Called once for what another program has written to a log; seldom, however many logs are damaged. */
  readonly onDamaged?: (report: DamageReport) => void;
  /** Called with the number of damaged logs that were too many for a report each. */
  readonly onMoreDamaged?: (logs: number) => void;
}

/**
 * Notices whether the log store accepts entries, and reports to the operator when it does not. A full disk, a replica, or a
 * Redis without memory still answers readers, so that the failure would otherwise look like a log that makes no progress.
 */
export class ReportingLogStore implements NodeLogStore {
  readonly #store: NodeLogStore;
  readonly #options: ReportingLogStoreOptions;
  readonly #stopProbes: () => void;
  readonly #damage: DamageReports;
  #reportedAtMs: number | undefined;
  #refusal: StoreRefusal | undefined;
  #probed: { readonly atMs: number; readonly answer: Promise<void> } | undefined;

  constructor(options: ReportingLogStoreOptions) {
    this.#store = options.store;
    this.#options = options;
    this.#damage = new DamageReports(
      {
        onDamaged: (report) => options.onDamaged?.(report),
        onMoreDamaged: (logs) => options.onMoreDamaged?.(logs),
      },
      () => options.clock.monotonic(),
    );
    this.#stopProbes = options.clock.every(PROBE_EVERY_MS, () => {
      this.#damage.tick();
      void this.probe().catch(() => undefined);
    });
  }

  /** Why the store takes no entries although it answers; undefined while it takes them, as far as is known. */
  get refusal(): StoreRefusal | undefined {
    return this.#refusal;
  }

  /** Logs in which something of another program was found, by what it is. */
  get damagedLogs(): ReadonlyMap<LogFaultField, number> {
    return this.#damage.counts;
  }

  get positions(): PositionStore {
    return this.#store.positions;
  }

  async claim(nodeId: string, attempt: number, renewal?: string): Promise<LogClaim> {
    const claim = await this.#reported(this.#store.claim(nodeId, attempt, renewal));
    if (claim.kind === 'claimed') {
      this.#took();
      this.#damage.look(nodeId, claim.faults ?? []);
    }
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
    this.#damage.look(nodeId, [...(slice.faults ?? []), ...faultsOfLines(slice)]);
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
