/** Observes the archive. Its methods must not throw or block. */
export interface ArchiveMeter {
  archived(bytes: number): void;
  /** An attempt failed, or a log was lost before it could be archived. */
  failed(): void;
  /** A log was read from the archive because the log store no longer holds it. */
  opened(): void;
  /** A file in the archive has changed or is gone. */
  damaged(): void;
}
