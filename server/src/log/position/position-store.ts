/**
 * Remembers where streams of many logs have come to, under names that their readers hold. A record is bytes that only the
 * stream that created it extends. It lies where the logs lie, and shares their fate.
 *
 * Order: a record holds what was appended, in that order. Atomicity: after a crash it may end within the last append. Loss:
 * a record is forgotten some time after it was made; one may lose its end with the machine that held it. The caller owes: a
 * name that nobody else has, one call at a time for each record, and no further append after one that was rejected, since
 * it may have been applied.
 */
export interface PositionStore {
  /** Begins a record. When it resolves, every server reads it. */
  create(name: string, bytes: Uint8Array): Promise<void>;

  /** Rejects also if the record is not `length` bytes long: it was lost. */
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
