/**
 * Saves the positions of streams of many logs, under names that their readers hold as cursors. A record is bytes, extended only
 * by the stream that created it. It is kept with the logs: what loses them loses it.
 *
 * Order: a record holds what was appended, in that order. Atomicity: after a crash it may end within the last append. Loss:
 * a record is forgotten some time after it was made; one may lose its end with the machine that held it. The caller chooses a
 * name that nobody else has, makes one call at a time for each record, and appends nothing after a rejected append, which may
 * have been applied.
 */
export interface PositionStore {
  /** Begins a record. When it resolves, every server reads it. */
  create(name: string, bytes: Uint8Array): Promise<void>;

  /** Appends to a record that is `length` bytes long. Rejects if it is not: then it was lost. */
  append(name: string, length: number, bytes: Uint8Array): Promise<void>;

  /** Undefined if there is no such record. Keeps it for as long as a new one. */
  read(name: string): Promise<Uint8Array | undefined>;

  /** Idempotent. */
  remove(name: string): Promise<void>;
}

const NAME_PATTERN = /^[0-9a-f]{16}$/;

/** Throws for anything but 16 lower-case hexadecimal digits, which are safe in keys and in paths. */
export function requirePositionName(name: string): string {
  if (!NAME_PATTERN.test(name))
    throw new RangeError('the name of a saved position must be 16 hexadecimal digits');
  return name;
}
