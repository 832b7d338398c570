import type { LogEntry } from '@launchlog/shared/log-entry';

/**
 * Where the logs of nodes are kept: one list of entries a node, numbered by `seq` from 1 without holes.
 *
 * Order: entries are held and announced in `seq` order. Atomicity: a batch is applied whole or not at all, and is
 * announced if and only if it was applied. Loss: an announcement may be lost (the reader reads again), and an
 * acknowledged batch may be lost with the machine that held it; the next append then answers `lost`, so that such a
 * loss is never silent. The caller owes: one writer a log, which has claimed it; sequence numbers without holes; a
 * retry of an unanswered append with the very same batch.
 */
export interface NodeLogStore {
  /**
   * Makes `attempt` the log's only writer. A higher attempt supersedes a lower one, which is `fenced` from then on.
   * The log goes on where it ends; it begins again, empty and under a new epoch, when there is none, when it was
   * cleared, and when the owner asks for it after `lost`: `renewal` is the epoch to begin, drawn by the owner. A retried
   * renewal begins nothing twice. Where the store may itself have lost entries since the last append (it was restarted
   * or failed over, and nobody who knows how far the log went is left), a takeover goes on under a new epoch.
   */
  claim(nodeId: string, attempt: number, renewal?: string): Promise<LogClaim>;

  append(batch: LogBatch): Promise<AppendReply>;

  /** Entries after a place, oldest first. Cost grows with `limit`, not with the length of the log. */
  read(nodeId: string, range: LogRange): Promise<LogSlice>;

  /**
   * Announces appends from the moment the promise resolves until `close`. `onSignal` must not throw.
   * `interrupted` means that announcements may have been lost since the last one: read again.
   */
  subscribe(nodeId: string, onSignal: (signal: LogSignal) => void): Promise<LogSubscription>;

  /** Forgets every entry. The writer, if there is one, learns of it by `cleared`; readers by the next epoch. */
  clear(nodeId: string): Promise<void>;

  /** Resolves if the store answers now; rejects with the reason otherwise. */
  ping(): Promise<void>;

  /** Harmless when called twice. */
  close(): Promise<void>;
}

/** What a new owner finds. */
export type LogClaim =
  | {
      readonly kind: 'claimed';
      readonly epoch: string;
      /** seq of the last entry ever appended in this epoch, 0 for a new log. */
      readonly lastSeq: number;
      /** As given with the last append: how far the owner had come in what it reads from. */
      readonly checkpoint: string | undefined;
      /** The terminal entry, where the launch has already ended. */
      readonly terminal: LogEntry | undefined;
    }
  /** A higher attempt owns the log. */
  | { readonly kind: 'fenced' };

export interface LogBatch {
  readonly nodeId: string;
  readonly attempt: number;
  readonly epoch: string;
  /** seq of the first entry of `lines`. */
  readonly firstSeq: number;
  /** Entries as JSON, one each, in seq order; never empty. */
  readonly lines: readonly string[];
  /** The last of `lines` is the terminal entry. */
  readonly terminal: boolean;
  /** Kept with the log, at most 4 KB; undefined keeps the former one. */
  readonly checkpoint?: string | undefined;
}

export type AppendReply =
  | { readonly kind: 'appended' }
  /** This very batch had been applied before: the reply was lost. */
  | { readonly kind: 'duplicate' }
  /** A newer attempt owns the log: stop writing. */
  | { readonly kind: 'fenced' }
  /** An operator cleared it: claim again, and append nothing old. */
  | { readonly kind: 'cleared' }
  /** The log does not end where the owner believes: claim a renewal, and append again what is still held. */
  | { readonly kind: 'lost' }
  /** A terminal entry stands: nothing can follow it. */
  | { readonly kind: 'closed' };

export interface LogRange {
  /** Entries with a greater seq are wanted; or, with `tail`, the last so many. */
  readonly from: { readonly afterSeq: number } | { readonly tail: number };
  /** The most entries of one slice; the store may give fewer only at the end of the log. */
  readonly limit: number;
}

/** A consistent view of the log and some of its entries. */
export interface LogSlice {
  /** Undefined when there never was such a log (or the store forgot even its meta data). */
  readonly epoch: string | undefined;
  /** seq of the last entry ever appended in this epoch; 0 when none was. */
  readonly lastSeq: number;
  /** seq of the oldest entry still held; lastSeq + 1 when none is. */
  readonly firstSeq: number;
  /** The last entry ever appended in this epoch is terminal. */
  readonly closed: boolean;
  /** The entries were lost to the time to live, not to trimming. Only said when none is held. */
  readonly expired: boolean;
  /** An operator emptied the log and no new epoch has begun since. */
  readonly cleared: boolean;
  /** Why this epoch began: it was the first one known, or the one before was cleared or lost. */
  readonly began: 'new' | 'cleared' | 'lost';
  /** Entries as JSON; the first has seq `linesFrom`, the others follow without a hole. */
  readonly lines: readonly string[];
  readonly linesFrom: number;
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
  /** Announcements are coming again; what was missed must be read. */
  | { readonly kind: 'resumed' };

export interface LogSubscription {
  close(): Promise<void>;
}

/** Bounds every store keeps. */
export interface LogLimits {
  /** Entries held of one log; the oldest go first. */
  readonly maxEntries: number;
  /** Bytes (UTF-8) held of one log. */
  readonly maxBytes: number;
  /** Time from the last append until the entries go. */
  readonly ttlMs: number;
  /** Time from the last append until even the log's epoch is forgotten; more than ttlMs, so that "expired" shows. */
  readonly metaTtlMs: number;
}

/** The store cannot be reached or refuses for want of room; nothing is known of the batch. The call may be repeated. */
export class LogStoreUnavailableError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'LogStoreUnavailableError';
  }
}
