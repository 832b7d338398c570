import { ArchiveAttempt } from '../archive/archive-attempt.js';
import { parseArchiveLocation } from '../archive/archive-location.js';
import { ArchiveReader } from '../archive/archive-reader.js';
import type { ArchiveStore } from '../archive/archive-store.js';
import { ArchivedLogStore } from '../archive/archived-log-store.js';
import { Archiver, type ArchiverTiming } from '../archive/archiver.js';
import { FolderArchiveStore } from '../archive/folder-archive-store.js';
import { S3ArchiveStore } from '../archive/s3-archive-store.js';
import { SqlArchiveLedger } from '../archive/sql-archive-ledger.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { Logger } from '../logger.js';
import { PrometheusArchiveMeter } from '../metrics/prometheus-archive-meter.js';
import type { PrometheusRegistry } from '../metrics/prometheus-registry.js';
import type { NodeStore } from '../node/node-store.js';
import { createOutbound } from './outbound.js';

interface ArchiveOptions {
  readonly config: ArchiveConfig;
  readonly database: SqlDatabase;
  readonly nodes: Pick<NodeStore, 'find'>;
  readonly logs: NodeLogStore;
  readonly page: PrometheusRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing?: ArchiverTiming;
}

type ArchiveConfig = Pick<
  Config,
  | 'ARCHIVE_URL'
  | 'ARCHIVE_RETENTION_DAYS'
  | 'DATA_DIR'
  | 'LOG_TTL_HOURS'
  | 'HTTP_PROXY'
  | 'HTTPS_PROXY'
  | 'NO_PROXY'
>;

/** The archive of one server. Does nothing if none is configured. */
export interface LogArchive {
  /** The log store, continued by the archive. */
  readonly logs: NodeLogStore;
  start(): void;
  /** Called when a launch has ended. */
  nudge(): void;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export async function createArchive(options: ArchiveOptions): Promise<LogArchive> {
  const { config, database, nodes, logs, page, clock, logger, timing } = options;
  const store = await openStore(config);
  if (store === undefined) return noArchive(logs);
  const ledger = new SqlArchiveLedger(database);
  const meter = new PrometheusArchiveMeter(page.registry);
  page.addSource({
    name: 'archive',
    read: async () => meter.show(await ledger.backlog()),
    forget: () => meter.forget(),
  });
  const archiver = new Archiver({
    ledger,
    store,
    attempt: new ArchiveAttempt({ store, logs, nodes, clock }),
    clock,
    logger,
    meter,
    retentionMs: config.ARCHIVE_RETENTION_DAYS * DAY_MS,
    lookbackMs: (config.LOG_TTL_HOURS + 1) * HOUR_MS,
    timing,
  });
  const archived = new ArchivedLogStore(logs, new ArchiveReader({ ledger, store, clock, logger, meter }));
  return {
    logs: archived,
    start: () => archiver.start(),
    nudge: () => archiver.nudge(),
    close: () => archiver.close(),
  };
}

async function openStore(config: ArchiveConfig): Promise<ArchiveStore | undefined> {
  const location = parseArchiveLocation(config.ARCHIVE_URL, config.DATA_DIR);
  switch (location.kind) {
    case 'none':
      return undefined;
    case 'folder':
      return new FolderArchiveStore(location.folder);
    case 's3':
      return S3ArchiveStore.open(location.target, createOutbound(config));
  }
}

function noArchive(logs: NodeLogStore): LogArchive {
  return { logs, start: () => undefined, nudge: () => undefined, close: () => Promise.resolve() };
}
