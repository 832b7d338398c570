/**
 * Where archives are kept: files by name.
 *
 * Atomicity: a file is there whole or not at all, and a later `put` replaces it whole. Durability: what `put` has
 * answered survives a crash of this process (and of its machine, as far as the place promises that). Loss: a call that
 * rejects with anything may have been done; all of them may be repeated. The caller owes names that need no escaping:
 * letters, digits, `-`, `.`, `_`, and `/` between folders.
 */
export interface ArchiveStore {
  /** Where it is, for people; without secrets. */
  readonly place: string;

  put(name: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;

  /** Undefined when there is no such file. Rejects for a file larger than `maxBytes`. */
  get(name: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined>;

  /** Harmless where there is none. */
  remove(name: string, signal: AbortSignal): Promise<void>;

  /** Harmless when called twice. */
  close(): void;
}

export class ArchiveTooLargeError extends Error {
  constructor(name: string, maxBytes: number) {
    super(`${name} is larger than ${maxBytes} bytes`);
    this.name = 'ArchiveTooLargeError';
  }
}
