import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import { backoffMs } from '../wait/backoff.js';
import { Deadline } from '../wait/deadline.js';
import { LookBack } from '../wait/look-back.js';
import { WokenLoop } from '../wait/woken-loop.js';
import { manifestName, type ArchiveAttempt } from './archive-attempt.js';
import type { ArchiveJob, ArchiveLedger, ExpiredArchive } from './archive-ledger.js';
import type { ArchiveMeter } from './archive-meter.js';
import type { ArchiveStore } from './archive-store.js';

interface ArchiverOptions {
  readonly ledger: ArchiveLedger;
  readonly store: ArchiveStore;
  readonly attempt: Pick<ArchiveAttempt, 'run'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: ArchiveMeter;
  /** Archives older than this are deleted. */
  readonly retentionMs: number;
  /** Launches that ended within this time may still have a log. */
  readonly lookbackMs: number;
  readonly timing?: ArchiverTiming | undefined;
}

/** Shorter times for tests. */
export interface ArchiverTiming {
  readonly pollMs?: number;
  readonly retryFirstMs?: number;
  readonly leaseMs?: number;
}

const POLL_MS = 10_000;
/** Longer than an attempt may last, so that no other server begins the same job. */
const LEASE_MS = 120_000;
const ATTEMPT_MS = 90_000;
const RETRY_FIRST_MS = 2_000;
const RETRY_MAX_MS = 15 * 60_000;
const SWEEP_EVERY_MS = 10 * 60_000;
/** Archives deleted in one sweep of one server. */
const SWEEP_MAX = 500;

/**
 * Copies the logs of ended launches into the archive, one after another, until each is there. Any number of servers may run
 * one on the same database: each log is handled by one of them at a time. No launch waits for it.
 */
export class Archiver {
  readonly #options: ArchiverOptions;
  readonly #loop: WokenLoop;
  readonly #lookBack: LookBack;
  #sweptAtMs = -Infinity;

  constructor(options: ArchiverOptions) {
    const { clock, logger, timing, lookbackMs } = options;
    this.#options = options;
    this.#lookBack = new LookBack({ clock, wholeMs: lookbackMs });
    this.#loop = new WokenLoop({
      clock,
      round: (_, stopping) => this.#work(stopping),
      pauseMs: () => timing?.pollMs ?? POLL_MS,
      onFailure: (error, failures) => {
        this.#lookBack.forget();
        if (failures === 1) logger.warn({ err: error }, 'archiving is paused: the database is unavailable');
      },
      wakesAfterFailure: false,
    });
  }

  /** Harmless when called twice. */
  start(): void {
    this.#loop.start();
  }

  /** A launch has ended: look now. Never throws. */
  nudge(): void {
    this.#loop.wake();
  }

  /** Stops a running attempt; this server or another repeats it later. */
  async close(): Promise<void> {
    await this.#loop.stop();
    this.#options.store.close();
  }

  async #work(stopping: AbortSignal): Promise<void> {
    const { ledger, timing, clock } = this.#options;
    await this.#lookBack.fill(ledger, stopping);
    while (!stopping.aborted) {
      const job = await ledger.claim(timing?.leaseMs ?? LEASE_MS);
      if (job === undefined) break;
      await this.#archive(job);
    }
    if (clock.monotonic() - this.#sweptAtMs < SWEEP_EVERY_MS) return;
    this.#sweptAtMs = clock.monotonic();
    await this.#sweep();
  }

  async #archive(job: ArchiveJob): Promise<void> {
    const { ledger, attempt, logger, meter } = this.#options;
    const { nodeId } = job;
    try {
      const outcome = await this.#inTime((signal) => attempt.run(nodeId, signal));
      switch (outcome.kind) {
        case 'archived':
          await ledger.archived(job, outcome.archive);
          meter.archived(outcome.archive.bytes);
          return;
        case 'early':
          await ledger.retry(job, outcome.problem, this.#retryMs(job.attempt));
          return;
        case 'missing':
          logger.warn({ nodeId }, `the log of a launch was not archived: ${outcome.problem}`);
          meter.failed();
          await ledger.missing(job, outcome.problem);
      }
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (!this.#loop.stopping.aborted) {
        logger.warn(
          { err: error, nodeId, attempt: job.attempt },
          'a log could not be archived and will be retried',
        );
        meter.failed();
      }
      await ledger.retry(job, problem, this.#loop.stopping.aborted ? 0 : this.#retryMs(job.attempt));
    }
  }

  /** The file is deleted first: a row without a file is noticed, a file without a row would stay forever. */
  async #sweep(): Promise<void> {
    const { ledger, retentionMs, logger, timing } = this.#options;
    for (let swept = 0; swept < SWEEP_MAX && !this.#loop.stopping.aborted; swept += 1) {
      const expired = await ledger.claimExpired(retentionMs, timing?.leaseMs ?? LEASE_MS);
      if (expired === undefined) return;
      try {
        await this.#remove(expired);
      } catch (error) {
        logger.warn(
          { err: error, nodeId: expired.nodeId },
          'an old archive could not be deleted and will be retried',
        );
        return;
      }
    }
  }

  async #remove(expired: ExpiredArchive): Promise<void> {
    const { ledger, store } = this.#options;
    await this.#inTime((signal) => store.remove(manifestName(expired.name), signal));
    await this.#inTime((signal) => store.remove(expired.name, signal));
    await ledger.deleted(expired);
  }

  async #inTime<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { clock } = this.#options;
    const deadline = new Deadline({ clock, ms: ATTEMPT_MS, signal: this.#loop.stopping });
    try {
      return await work(deadline.signal);
    } finally {
      deadline.clear();
    }
  }

  #retryMs(attempt: number): number {
    const firstMs = this.#options.timing?.retryFirstMs ?? RETRY_FIRST_MS;
    return backoffMs({ firstMs, maxMs: RETRY_MAX_MS }, attempt);
  }
}
