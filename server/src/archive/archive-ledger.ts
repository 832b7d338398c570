import type { Phase } from '@launchlog/shared/phase';
import type { LogSlice } from '../log/log-store.js';

/**
 * Which logs are archived, and which are still to be: one row a launch that has ended.
 *
 * Atomicity: every call is one statement. A job belongs to one server at a time, for as long as its lease; what a
 * server says after its lease has gone to another is refused (false). Loss: a call that rejects may have been applied
 * and may be repeated. While the database is away every call rejects with `NodeStoreUnavailableError`.
 */
export interface ArchiveLedger {
  /** Adds launches that have ended within the lookback and have no row; answers how many, bounded a call. */
  fill(lookbackMs: number): Promise<number>;

  /** Takes the job that has been due longest. */
  claim(leaseMs: number): Promise<ArchiveJob | undefined>;

  archived(job: ArchiveJob, archive: Archive): Promise<boolean>;

  retry(job: ArchiveJob, error: string, inMs: number): Promise<boolean>;

  /** There is nothing (any more) that could be archived. */
  missing(job: ArchiveJob, error: string): Promise<boolean>;

  /** The archive of a node; undefined where there is none. */
  find(nodeId: string): Promise<FoundArchive | undefined>;

  /** Takes an archive that is older than so long, to delete it. */
  claimExpired(ageMs: number, leaseMs: number): Promise<ExpiredArchive | undefined>;

  deleted(expired: ExpiredArchive): Promise<boolean>;

  /** What waits and how long the oldest of it has been waiting, and what was lost. */
  backlog(): Promise<ArchiveBacklog>;
}

export interface ArchiveJob {
  readonly nodeId: string;
  readonly leaseId: string;
  /** From 1. */
  readonly attempt: number;
}

/** One archived log, as the registry remembers it: the file is believed only as far as it agrees. */
export interface Archive {
  readonly nodeId: string;
  /** Of the file, in the archive store. */
  readonly name: string;
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly closed: boolean;
  readonly began: LogSlice['began'];
  /** Of the entries, unpacked. */
  readonly bytes: number;
  /** Of the file as it is, packed. */
  readonly sha256: string;
}

/** With what the registry knows of the launch. */
export interface FoundArchive extends Archive {
  readonly phase: Phase;
}

export interface ExpiredArchive {
  readonly nodeId: string;
  readonly leaseId: string;
  readonly name: string;
}

export interface ArchiveBacklog {
  readonly pending: number;
  readonly oldestSeconds: number;
  readonly missing: number;
}
