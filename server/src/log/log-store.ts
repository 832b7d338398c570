import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogFault } from './damage/log-fault.js';
import type { PositionStore } from './position/position-store.js';
import type { StoreRefusal } from './store-refusal.js';

/**
 * Stores the logs of nodes: one list of entries for each node, numbered by `seq` from 1 without holes.
 *
 * Order: entries are held and announced in `seq` order. Atomicity: a batch is applied whole or not at all, and is
 * announced if and only if it was applied. Loss: an announcement may be lost (the reader reads again), and an
 * acknowledged batch may be lost with the machine that held it; the next append then answers `lost`, so that such a
 * loss is never silent. The caller keeps to one writer for each log, which has claimed it; numbers entries without holes;
 * and repeats an append that was not answered with the very same batch.
 */
export interface NodeLogStore {
  /** The saved positions of streams of many logs. */
  readonly positions: PositionStore;

  /**
   * Makes `attempt` the log's only writer. A higher attempt supersedes a lower one, which is `fenced` from then on.
   * The log continues where it ends. It begins again, empty and under a new epoch, when there is none, when it was
   * cleared, and when the owner asks for it after `lost`: `renewal` is the epoch to begin, drawn by the owner. A retried
   * renewal begins only one epoch. The store itself may have lost entries since the last append: it was restarted or
   * failed over, and the owner that knew how far the log went is gone. A takeover then continues under a new epoch.
   */
  claim(nodeId: string, attempt: number, renewal?: string): Promise<LogClaim>;

  append(batch: LogBatch): Promise<AppendReply>;

  /** Reads entries from a position on, oldest first. Cost grows with `limit`, not with the length of the log. */
  read(nodeId: string, range: LogRange): Promise<LogSlice>;

  /**
   * The ids of the logs whose end differs from the given position: the caller has missed something of them. One question for
   * all logs; no entry is read.
   */
  changed(positions: readonly LogPosition[]): Promise<readonly string[]>;

  /**
   * Announces appends from the moment the promise resolves until `close`. `onSignal` must not throw.
   * `interrupted` means that announcements may have been lost since the last one: read again.
   */
  subscribe(nodeId: string, onSignal: (signal: LogSignal) => void): Promise<LogSubscription>;

  /** Forgets every entry. The writer, if there is one, learns of it from `cleared`; readers from the next epoch. */
  clear(nodeId: string): Promise<void>;

  /** Resolves if the store answers now; rejects with the reason otherwise. */
  ping(): Promise<void>;

  /** Resolves if the store would take an entry now: it writes something of its own that no reader sees. */
  probe(): Promise<void>;

  /** Idempotent. */
  close(): Promise<void>;
}

/** The log as a new owner finds it. */
export type LogClaim =
  | {
      readonly kind: 'claimed';
      readonly epoch: string;
      /** seq of the last entry ever appended in this epoch, 0 for a new log. */
      readonly lastSeq: number;
      /** As given with the last append: the former owner's position in the output it reads. */
      readonly checkpoint: string | undefined;
      /** The terminal entry, where the launch has already ended. */
      readonly terminal: LogEntry | undefined;
      /** What another program had written to the log, and the claim has put right. */
      readonly faults?: readonly LogFault[];
    }
  /** A higher attempt owns the log. */
  | { readonly kind: 'fenced' };

export interface LogBatch {
  readonly nodeId: string;
  readonly attempt: number;
  readonly epoch: string;
  /** seq of the first entry of `lines`. */
  readonly firstSeq: number;
  /** Entries as JSON, in seq order; never empty. */
  readonly lines: readonly string[];
  /** The last of `lines` is the terminal entry. */
  readonly terminal: boolean;
  /** Stored with the log, at most 4 KB; undefined keeps the former one. */
  readonly checkpoint?: string | undefined;
}

export type AppendReply =
  | { readonly kind: 'appended' }
  /** This very batch had been applied before: the reply was lost. */
  | { readonly kind: 'duplicate' }
  /** A newer attempt owns the log: stop writing. */
  | { readonly kind: 'fenced' }
  /** An operator cleared the log: claim again, and append nothing old. */
  | { readonly kind: 'cleared' }
  /** The log does not end where the owner believes: claim a renewal, and append again what is still held. */
  | { readonly kind: 'lost' }
  /** The log ends with a terminal entry: nothing can follow it. */
  | { readonly kind: 'closed' };

export interface LogRange {
  /** `afterSeq`: the entries with a greater seq. `tail`: the last entries, this many. */
  readonly from: { readonly afterSeq: number } | { readonly tail: number };
  /** At most this many entries; the store returns fewer only at the end of the log, or because of `maxBytes`. */
  readonly limit: number;
  /**
   * About the most bytes of the entries together. Where they are more, the store returns those next to the position (the first
   * ones, or for a `tail` the last ones), and at least one.
   */
  readonly maxBytes?: number | undefined;
}

/** Where a log ends. */
export interface LogEnd {
  /** Undefined where no log is known, and for one that was cleared and has not begun again. */
  readonly epoch: string | undefined;
  /** seq of the last entry ever appended in this epoch; 0 without an epoch. */
  readonly lastSeq: number;
}

/** Where a log ends, as the caller believes. */
export interface LogPosition extends LogEnd {
  readonly nodeId: string;
}

/** A consistent view of the log and some of its entries. */
export interface LogSlice {
  /** Undefined when no such log ever began, or the store has forgotten even its metadata. */
  readonly epoch: string | undefined;
  /** seq of the last entry ever appended in this epoch; 0 when none was. */
  readonly lastSeq: number;
  /** seq of the oldest held entry; lastSeq + 1 without any. */
  readonly firstSeq: number;
  /** The last entry ever appended in this epoch is terminal. */
  readonly closed: boolean;
  /** The entries outlived the time to live, rather than being trimmed. Only true when no entry is held. */
  readonly expired: boolean;
  /** An operator emptied the log and no new epoch has begun since. */
  readonly cleared: boolean;
  /** Why this epoch began: it is the first one known, or the one before was cleared or lost. */
  readonly began: 'new' | 'cleared' | 'lost';
  /** Entries as JSON; the first has seq `linesFrom`, the others follow without a hole. */
  readonly lines: readonly string[];
  readonly linesFrom: number;
  /** What another program has written to the log; the other fields are as far as the entries show them. */
  readonly faults?: readonly LogFault[];
}

export type LogSignal =
  | {
      readonly kind: 'appended';
      readonly epoch: string;
      readonly firstSeq: number;
      readonly lines: readonly string[];
    }
  | { readonly kind: 'cleared' }
  /** Announcements may have been lost. */
  | { readonly kind: 'interrupted' }
  /** Announcements arrive again; the missed entries must be read. */
  | { readonly kind: 'resumed' };

export interface LogSubscription {
  close(): Promise<void>;
}

/** Bounds that every store keeps. */
export interface LogLimits {
  /** Entries held of one log; the oldest go first. */
  readonly maxEntries: number;
  /** Bytes (UTF-8) held of one log. */
  readonly maxBytes: number;
  /** Time from the last append until the entries expire. */
  readonly ttlMs: number;
  /** Time from the last append until even the log's epoch is forgotten; more than ttlMs, so that readers see "expired". */
  readonly metaTtlMs: number;
}

/** The store cannot be reached or has no room. Whether the call had an effect is unknown; it may be repeated. */
export class LogStoreUnavailableError extends Error {
  /** Set where the store answers, and refuses to write. */
  readonly refusal: StoreRefusal | undefined;

  constructor(
    message: string,
    options: { readonly cause?: unknown; readonly refusal?: StoreRefusal | undefined } = {},
  ) {
    super(message, options);
    this.name = 'LogStoreUnavailableError';
    this.refusal = options.refusal;
  }
}
