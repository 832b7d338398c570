/**
 * Stores archives as files by name.
 *
 * Atomicity: a file is there entirely or not at all, and a later `put` replaces it entirely. Durability: a file that `put`
 * has acknowledged survives a crash of this process, and of its machine as far as the storage promises that. Loss: a call
 * that rejects may have had its effect; every call may be repeated. The caller uses names that need no escaping: letters,
 * digits, `-`, `.`, `_`, and `/` between folders.
 */
export interface ArchiveStore {
  /** The location as shown to people, without secrets. */
  readonly location: string;

  put(name: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;

  /** Undefined when there is no such file. Rejects for a file larger than `maxBytes`. */
  get(name: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined>;

  /** Does nothing where there is no such file. */
  remove(name: string, signal: AbortSignal): Promise<void>;

  /** Idempotent. */
  close(): void;
}

export class ArchiveTooLargeError extends Error {
  constructor(name: string, maxBytes: number) {
    super(`${name} is larger than ${maxBytes} bytes`);
    this.name = 'ArchiveTooLargeError';
  }
}
