import type { Phase } from '@launchlog/shared/phase';
import type { LogSlice } from '../log/log-store.js';

/**
 * Records which logs are archived and which are pending: one row for each launch that has ended.
 *
 * Atomicity: every call is one statement. A job belongs to one server at a time, until its lease ends; a result that a
 * server reports after another has taken the lease is refused (false). Loss: a call that rejects may have been applied
 * and may be repeated. While the database is away every call rejects with `NodeStoreUnavailableError`.
 */
export interface ArchiveLedger {
  /**
   * Adds launches that have no row and ended from `sinceMs` ago until `untilMs` ago, or until now. Returns how many; each call
   * adds a bounded number.
   */
  fill(sinceMs: number, untilMs?: number): Promise<number>;

  /** Takes the job that has been due for the longest time. */
  claim(leaseMs: number): Promise<ArchiveJob | undefined>;

  archived(job: ArchiveJob, archive: Archive): Promise<boolean>;

  retry(job: ArchiveJob, error: string, inMs: number): Promise<boolean>;

  /** The job ends without an archive: there is no log, or it is gone. */
  missing(job: ArchiveJob, error: string): Promise<boolean>;

  /** The archive of a node; undefined where there is none. */
  find(nodeId: string): Promise<FoundArchive | undefined>;

  /** Takes an archive older than `ageMs`, to delete it. */
  claimExpired(ageMs: number, leaseMs: number): Promise<ExpiredArchive | undefined>;

  deleted(expired: ExpiredArchive): Promise<boolean>;

  /** The pending jobs, the age of the oldest, and the logs that were lost. */
  backlog(): Promise<ArchiveBacklog>;
}

export interface ArchiveJob {
  readonly nodeId: string;
  readonly leaseId: string;
  /** From 1. */
  readonly attempt: number;
}

/** One archived log as the registry records it. A file that differs from its record is treated as damaged. */
export interface Archive {
  readonly nodeId: string;
  /** The file's name in the archive store. */
  readonly name: string;
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly closed: boolean;
  readonly began: LogSlice['began'];
  /** Size of the unpacked entries. */
  readonly bytes: number;
  /** Checksum of the packed file. */
  readonly sha256: string;
}

/** An archive, with the phase its launch ended in. */
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
