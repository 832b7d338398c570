import { Counter, Gauge, type Registry } from 'prom-client';
import type { ArchiveBacklog } from '../archive/archive-ledger.js';
import type { ArchiveMeter } from '../archive/archive-meter.js';

/** Counts what is archived and read, and shows the backlog. */
export class PrometheusArchiveMeter implements ArchiveMeter {
  readonly #archived: Counter;
  readonly #bytes: Counter;
  readonly #failures: Counter;
  readonly #reads: Counter;
  readonly #damaged: Counter;
  readonly #pending: Gauge;
  readonly #oldest: Gauge;
  readonly #missing: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    const counter = (name: string, help: string) => new Counter({ name, help, registers });
    const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
    this.#archived = counter('launchlog_archived_logs_total', 'Logs this server has archived.');
    this.#bytes = counter(
      'launchlog_archived_bytes_total',
      'Bytes of the logs this server has archived, unpacked.',
    );
    this.#failures = counter('launchlog_archive_failures_total', 'Failed attempts to archive a log.');
    this.#reads = counter('launchlog_archive_reads_total', 'Logs read from the archive.');
    this.#damaged = counter('launchlog_archive_damaged_total', 'Archived logs found to be damaged or gone.');
    this.#pending = gauge('launchlog_archive_pending', 'Logs that wait to be archived, on all servers.');
    this.#oldest = gauge(
      'launchlog_archive_oldest_seconds',
      'How long the log that waits longest to be archived has been waiting, on all servers.',
    );
    this.#missing = gauge('launchlog_archive_missing', 'Logs that were gone before they could be archived.');
  }

  archived(bytes: number): void {
    this.#archived.inc();
    this.#bytes.inc(bytes);
  }

  failed(): void {
    this.#failures.inc();
  }

  opened(): void {
    this.#reads.inc();
  }

  damaged(): void {
    this.#damaged.inc();
  }

  show({ pending, oldestSeconds, missing }: ArchiveBacklog): void {
    this.#pending.set(pending);
    this.#oldest.set(oldestSeconds);
    this.#missing.set(missing);
  }

  forget(): void {
    for (const gauge of [this.#pending, this.#oldest, this.#missing]) gauge.remove();
  }
}
