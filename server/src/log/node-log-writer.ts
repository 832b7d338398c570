import type { LogEntry, LogEntryDraft } from '@launchlog/shared/log-entry';
import type { Clock } from '../clock.js';
import type { NodeLogStore } from './log-store.js';

export interface NodeLogWriterOptions {
  readonly store: NodeLogStore;
  readonly clock: Clock;
  readonly nodeId: string;
  /** Which owner of the launch this is, from 1. A higher one supersedes the lower ones. */
  readonly attempt: number;
  /** Draws an epoch: 16 lower-case hexadecimal digits. */
  readonly random?: () => string;
  /** Gives up waiting for a store that is away. */
  readonly signal?: AbortSignal;
}

/** What a new owner of the log finds. */
export interface ClaimedLog {
  /** seq of the last entry ever appended, 0 for a new log. */
  readonly lastSeq: number;
  /** As given with the last entry that had one. */
  readonly checkpoint: string | undefined;
  /** The launch has already ended with this entry. */
  readonly terminal: LogEntry | undefined;
}

/** The one way in which a launch writes its log. */
export class NodeLogWriter {
  static claim(options: NodeLogWriterOptions): Promise<NodeLogWriter> {
    return Promise.reject(new Error(`not written yet: ${options.nodeId}`));
  }

  readonly claimed: ClaimedLog = { lastSeq: 0, checkpoint: undefined, terminal: undefined };

  /** Aborted, with a reason, when a newer attempt owns the log or a terminal entry of another stands. */
  readonly stopped: AbortSignal = new AbortController().signal;

  /** Ordered and buffered. An entry of a terminal phase is the last; what is written after it is ignored. */
  write(draft: LogEntryDraft, checkpoint?: string): void {
    throw new Error(`not written yet: ${draft.message} ${checkpoint}`);
  }

  debug(message: string, rest: Omit<LogEntryDraft, 'level' | 'message'>): void {
    this.write({ ...rest, level: 'debug', message });
  }

  info(message: string, rest: Omit<LogEntryDraft, 'level' | 'message'>): void {
    this.write({ ...rest, level: 'info', message });
  }

  warn(message: string, rest: Omit<LogEntryDraft, 'level' | 'message'>): void {
    this.write({ ...rest, level: 'warn', message });
  }

  error(message: string, rest: Omit<LogEntryDraft, 'level' | 'message'>): void {
    this.write({ ...rest, level: 'error', message });
  }

  /** Resolves when everything written so far is acknowledged; rejects when the writer is stopped or closed before. */
  flush(signal?: AbortSignal): Promise<void> {
    return Promise.reject(new Error(`not written yet ${signal?.aborted}`));
  }

  /** Stops at once; what is not acknowledged is given up, so `flush` first. Harmless when called twice. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
