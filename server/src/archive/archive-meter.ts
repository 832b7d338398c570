/** What the archive is seen to do, for whoever measures it. Nothing here may throw or wait. */
export interface ArchiveMeter {
  archived(bytes: number): void;
  /** A try failed, or a log was lost before it could be archived. */
  failed(): void;
  /** A log was read from the archive because the log store holds it no more. */
  opened(): void;
  /** A file in the archive is not what was put there, or is gone. */
  damaged(): void;
}
