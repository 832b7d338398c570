import { randomBytes } from 'node:crypto';
import type { LogEntry, LogEntryDraft } from '@launchlog/shared/log-entry';
import { isTerminalPhase, type Phase } from '@launchlog/shared/phase';
import { timestampOf, type Clock } from '../clock.js';
import { Deadline } from '../wait/deadline.js';
import { AcknowledgedTail } from './acknowledged-tail.js';
import { entryLine, entryRest } from './entry/entry-line.js';
import type { LogBatch, LogClaim, NodeLogStore } from './log-store.js';
import { PendingEntries, type PendingEntry } from './pending-entries.js';
import { persist } from './persist.js';

/** Entries that wait while the store is away; beyond these bounds the oldest are dropped. */
const PENDING_BOUNDS = { maxEntries: 10_000, maxBytes: 8 * 1024 * 1024 };
const BATCH_BOUNDS = { maxEntries: 500, maxBytes: 512 * 1024 };
/** Acknowledged entries that can be appended again if the store loses them. */
const TAIL_BOUNDS = { maxEntries: 10_000, maxBytes: 8 * 1024 * 1024 };
const CHECKPOINT_MAX_BYTES = 4 * 1024;

interface NodeLogWriterOptions {
  readonly store: NodeLogStore;
  readonly clock: Clock;
  readonly nodeId: string;
  /** The number of this owner of the launch, from 1. A higher one supersedes the lower ones. */
  readonly attempt: number;
  /** Draws an epoch: 16 lower-case hexadecimal digits. */
  readonly random?: () => string;
  /** Ends the wait for a store that is away. */
  readonly signal?: AbortSignal;
  /**
   * Waits for a store that is away no longer than this, then claims when it is back, as if there were no log yet. For
   * the first attempt only: a later one must know how far the log and the launch came.
   */
  readonly claimWithinMs?: number | undefined;
}

/** The log as its new owner finds it. */
interface ClaimedLog {
  /** seq of the last entry ever appended, 0 for a new log. */
  readonly lastSeq: number;
  /** As given with the last entry that had one. */
  readonly checkpoint: string | undefined;
  /** The launch has already ended with this entry. */
  readonly terminal: LogEntry | undefined;
}

/** A newer attempt owns the log, or another one has written its terminal entry. */
export class LogWriterStoppedError extends Error {
  readonly reason: 'fenced' | 'closed';

  constructor(reason: 'fenced' | 'closed') {
    super(
      reason === 'fenced' ? 'a newer attempt owns the log' : 'the log is closed by another terminal entry',
    );
    this.name = 'LogWriterStoppedError';
    this.reason = reason;
  }
}

type OpenClaim = Extract<LogClaim, { kind: 'claimed' }>;

/**
 * Writes the log of a launch: numbers the entries, and survives a store that goes away or loses them.
 *
 *     write ─▶ pending ─ take ─▶ in flight ─ appended ─▶ tail of acknowledged entries
 *                 ▲                                           │
 *                 └──────── the store lost them ──────────────┘
 */
export class NodeLogWriter {
  /** Waits for a store that is away until `signal`. Rejects with a LogWriterStoppedError when a newer attempt owns the log. */
  static async claim(options: NodeLogWriterOptions): Promise<NodeLogWriter> {
    const { store, clock, nodeId, attempt, claimWithinMs, signal = new AbortController().signal } = options;
    const deadline =
      claimWithinMs === undefined ? undefined : new Deadline({ clock, ms: claimWithinMs, signal });
    try {
      const claim = await persist(clock, deadline?.signal ?? signal, () => store.claim(nodeId, attempt));
      if (claim.kind === 'fenced') throw new LogWriterStoppedError('fenced');
      return new NodeLogWriter(options, claim);
    } catch (error) {
      if (deadline?.passed !== true || signal.aborted || error instanceof LogWriterStoppedError) throw error;
      return new NodeLogWriter(options, undefined);
    } finally {
      deadline?.clear();
    }
  }

  readonly claimed: ClaimedLog;
  readonly #options: NodeLogWriterOptions;
  readonly #random: () => string;
  readonly #pending = new PendingEntries(PENDING_BOUNDS);
  #tail: AcknowledgedTail;
  readonly #stopped = new AbortController();
  readonly #closing = new AbortController();
  readonly #waiters = new Set<{ readonly ordinal: number; settle(error?: Error): void }>();
  #inFlight: readonly PendingEntry[] = [];
  /** Undefined until the log is claimed. */
  #epoch: string | undefined;
  #nextSeq: number;
  #written = 0;
  /** The seq of an entry minus its ordinal. Remarks of our own and dropped entries change it. */
  #seqOffset: number;
  /** Phase of the last acknowledged entry. */
  #phase: Phase = 'queued';
  /** Ordinal of the last acknowledged entry, once no other can follow. */
  #settledAtEnd: number | undefined;
  #ended = false;
  #pumping: Promise<void> | undefined;

  private constructor(options: NodeLogWriterOptions, claim: OpenClaim | undefined) {
    const { lastSeq = 0, checkpoint, terminal } = claim ?? {};
    this.#options = options;
    this.#random = options.random ?? (() => randomBytes(8).toString('hex'));
    this.#epoch = claim?.epoch;
    this.#nextSeq = lastSeq + 1;
    this.#seqOffset = lastSeq;
    this.#tail = new AcknowledgedTail(TAIL_BOUNDS, lastSeq);
    this.claimed = { lastSeq, checkpoint, terminal };
  }

  /** Aborted with a LogWriterStoppedError when a newer attempt owns the log or another writer has closed it. */
  get stopped(): AbortSignal {
    return this.#stopped.signal;
  }

  /**
   * Buffers an entry in order and returns the seq that it gets unless the store loses entries before it. An entry of a
   * terminal phase is the last: later ones are ignored, and undefined is returned.
   */
  write(draft: LogEntryDraft, checkpoint?: string): number | undefined {
    if (this.#ended || this.#closing.signal.aborted) return undefined;
    if (checkpoint !== undefined && Buffer.byteLength(checkpoint) > CHECKPOINT_MAX_BYTES) {
      throw new RangeError(`a checkpoint must have at most ${CHECKPOINT_MAX_BYTES} bytes`);
    }
    this.#ended = isTerminalPhase(draft.phase);
    this.#written += 1;
    this.#pending.push({ ...this.#entry(draft, checkpoint), ordinal: this.#written });
    this.#pumping ??= Promise.resolve().then(() => this.#pump());
    return this.#seqOffset + this.#written;
  }

  /** Resolves when everything written so far is acknowledged; rejects when the writer is stopped or closed before. */
  flush(signal?: AbortSignal): Promise<void> {
    const ordinal = this.#written;
    return new Promise((resolve, reject) => {
      if (this.#settledThrough() >= ordinal) return resolve();
      if (this.#closing.signal.aborted) return reject(this.#closing.signal.reason as Error);
      const onAbort = () => waiter.settle(signal?.reason as Error);
      const waiter = {
        ordinal,
        settle: (error?: Error) => {
          this.#waiters.delete(waiter);
          signal?.removeEventListener('abort', onAbort);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      this.#waiters.add(waiter);
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Stops at once and drops entries that are not acknowledged, so `flush` first. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the log writer was closed'));
    this.#settleAll(this.#closing.signal.reason as Error);
    await this.#pumping;
  }

  #entry(draft: LogEntryDraft, checkpoint?: string): Omit<PendingEntry, 'ordinal'> {
    const rest = entryRest(draft, timestampOf(this.#options.clock.now()));
    return { level: draft.level, phase: draft.phase, rest, bytes: Buffer.byteLength(rest), checkpoint };
  }

  /** Appends one batch at a time; entries written meanwhile form the next one. */
  async #pump(): Promise<void> {
    try {
      while (this.#pending.size > 0) {
        this.#noteDropped();
        this.#inFlight = this.#pending.take(BATCH_BOUNDS);
        await this.#append(this.#inFlight, (this.#epoch ??= await this.#claimLate()));
        this.#settleAcknowledged();
      }
    } catch (error) {
      this.#settledAtEnd = this.#settledThrough();
      this.#pending.clear();
      this.#stop(error as Error);
    } finally {
      this.#inFlight = [];
      this.#pumping = undefined;
    }
  }

  /** Claims the log once the store is back: buffered entries begin it, or follow those of another owner. */
  async #claimLate(): Promise<string> {
    const { store, nodeId, attempt } = this.#options;
    const claim = await this.#persist(() => store.claim(nodeId, attempt));
    if (claim.kind === 'fenced') throw new LogWriterStoppedError('fenced');
    if (claim.terminal !== undefined) throw new LogWriterStoppedError('closed');
    this.#seqOffset += claim.lastSeq + 1 - this.#nextSeq;
    this.#nextSeq = claim.lastSeq + 1;
    this.#tail = new AcknowledgedTail(TAIL_BOUNDS, claim.lastSeq);
    return claim.epoch;
  }

  async #append(entries: readonly PendingEntry[], epoch: string): Promise<void> {
    const { store } = this.#options;
    const batch = this.#batch(entries, epoch);
    const reply = await this.#persist(() => store.append(batch));
    switch (reply.kind) {
      case 'appended':
      case 'duplicate':
        this.#nextSeq += entries.length;
        this.#tail.push(entries);
        this.#phase = entries.at(-1)?.phase ?? this.#phase;
        return;
      case 'fenced':
      case 'closed':
        throw new LogWriterStoppedError(reply.kind);
      case 'cleared':
      case 'lost':
        return this.#beginAgain(reply.kind, entries);
    }
  }

  #batch(entries: readonly PendingEntry[], epoch: string): LogBatch {
    const { nodeId, attempt } = this.#options;
    return {
      nodeId,
      attempt,
      epoch,
      firstSeq: this.#nextSeq,
      lines: entries.map(({ rest }, index) => entryLine(this.#nextSeq + index, rest)),
      terminal: isTerminalPhase(entries.at(-1)?.phase ?? 'queued'),
      checkpoint: entries.findLast(({ checkpoint }) => checkpoint !== undefined)?.checkpoint,
    };
  }

  /** Appends again: after `cleared` only entries that were never in the log, after `lost` all that are still held. */
  async #beginAgain(why: 'cleared' | 'lost', refused: readonly PendingEntry[]): Promise<void> {
    const { store, nodeId, attempt } = this.#options;
    const renewal = why === 'lost' ? this.#random() : undefined;
    const claim = await this.#persist(() => store.claim(nodeId, attempt, renewal));
    if (claim.kind === 'fenced') throw new LogWriterStoppedError('fenced');
    this.#epoch = claim.epoch;
    this.#nextSeq = claim.lastSeq + 1;
    const { entries, missing } = this.#tail.takeAll();
    this.#pending.unshift(why === 'lost' ? [...entries, ...refused] : refused);
    if (why === 'lost' && missing > 0) this.#remark(`${missing} earlier lines were lost with the log store`);
  }

  #noteDropped(): void {
    const dropped = this.#pending.takeDropped();
    this.#seqOffset -= dropped;
    if (dropped > 0) this.#remark(`${dropped} lines were dropped while the log store was away`);
  }

  /** Adds a remark before all waiting entries, in a phase that neither ends the log nor goes back. */
  #remark(message: string): void {
    const next = this.#pending.first;
    if (next === undefined) return;
    const phase = isTerminalPhase(next.phase) ? this.#phase : next.phase;
    const entry = this.#entry({ level: 'warn', message, phase, source: 'orchestrator' });
    this.#seqOffset += 1;
    this.#pending.unshift([{ ...entry, ordinal: next.ordinal }]);
  }

  #stop(error: Error): void {
    if (!this.#closing.signal.aborted) this.#stopped.abort(error);
    this.#closing.abort(error);
    this.#settleAll(error);
  }

  #persist<Reply>(attempt: () => Promise<Reply>): Promise<Reply> {
    return persist(this.#options.clock, this.#closing.signal, attempt);
  }

  #settledThrough(): number {
    const oldest = this.#inFlight[0] ?? this.#pending.first;
    if (this.#settledAtEnd !== undefined) return this.#settledAtEnd;
    return oldest === undefined ? this.#written : oldest.ordinal - 1;
  }

  #settleAcknowledged(): void {
    this.#inFlight = [];
    const through = this.#settledThrough();
    for (const waiter of this.#waiters) if (waiter.ordinal <= through) waiter.settle();
  }

  #settleAll(error: Error): void {
    for (const waiter of this.#waiters) waiter.settle(error);
  }
}
