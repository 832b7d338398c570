import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createArchive, type LogArchive } from '@launchlog/server/app/archive';
import { systemClock } from '@launchlog/server/clock';
import { LogFeed } from '@launchlog/server/feed/log-feed';
import { nodeSnapshotOf } from '@launchlog/server/launch/node-snapshot';
import type { LogSlice, NodeLogStore } from '@launchlog/server/log/log-store';
import { PrometheusRegistry } from '@launchlog/server/metrics/prometheus-registry';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { DATABASE_KINDS, type OpenDatabase } from '../database/node-databases.js';
import { endNode, insertNode } from '../database/node-rows.js';
import type { LogRig } from '../log/log-rigs.js';
import { openWrittenLog } from '../log/written-log.js';
import { eventually } from '../within.js';

/** Long enough for a log to be archived before it expires, and short enough to wait for. */
const TTL_MS = 2_000;
const TIMING = { pollMs: 50, retryFirstMs: 50 };

/** Launches that have ended, logs that expire within seconds, and archives of them. */
export class ArchiveRig {
  /** What servers wrote into their own logs. */
  readonly lines: string[] = [];
  readonly database: OpenDatabase['database'];
  readonly store: NodeLogStore;
  folder = '';
  readonly #parts: { readonly fixture: OpenDatabase; readonly logs: LogRig };
  readonly #closers: (() => Promise<void>)[] = [];
  #page = new PrometheusRegistry(systemClock);

  static async open(openLogs: () => Promise<LogRig>): Promise<ArchiveRig> {
    const fixture = await DATABASE_KINDS['PGlite']!();
    const logs = await openLogs();
    const limits = { ttlMs: TTL_MS, metaTtlMs: 60_000, maxEntries: 5_000, maxBytes: 2 ** 23 };
    return new ArchiveRig({ fixture, logs }, await logs.open(limits));
  }

  private constructor(parts: { fixture: OpenDatabase; logs: LogRig }, store: NodeLogStore) {
    this.#parts = parts;
    this.database = parts.fixture.database;
    this.store = store;
  }

  async begin(): Promise<void> {
    await this.database.script('truncate nodes, log_archives');
    this.folder = await mkdtemp(join(tmpdir(), 'launchlog-archive-'));
    this.lines.length = 0;
  }

  async end(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close();
    await rm(this.folder, { recursive: true });
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.#parts.logs.close();
    await this.#parts.fixture.stop();
  }

  /** The archive of one server, at work. */
  async openArchive(url = this.folder, retentionDays = 90): Promise<LogArchive> {
    this.#page = new PrometheusRegistry(systemClock);
    const archive = await createArchive({
      config: {
        ARCHIVE_URL: url,
        ARCHIVE_RETENTION_DAYS: retentionDays,
        DATA_DIR: url,
        LOG_TTL_HOURS: 24,
      },
      database: this.database,
      nodes: this.#nodes(),
      logs: this.store,
      page: this.#page,
      clock: systemClock,
      logger: pino({ level: 'info' }, { write: (line: string) => void this.lines.push(line) }),
      timing: TIMING,
    });
    this.#closers.push(() => archive.close());
    archive.start();
    return archive;
  }

  openFeed(store: NodeLogStore): LogFeed {
    const nodes = this.#nodes();
    const nodeSnapshot = async (id: string) => {
      const record = await nodes.find(id);
      return record && nodeSnapshotOf(record.node);
    };
    const feed = new LogFeed({
      store,
      clock: systemClock,
      maxAgeMs: 60_000,
      nodeSnapshot,
      endedNodes: () => Promise.resolve([]),
    });
    this.#closers.push(() => feed.close());
    return feed;
  }

  /** A launch that has ended, with this number of entries and an end in its log. */
  async endedLaunch(entries: number): Promise<{ readonly nodeId: string; readonly slice: LogSlice }> {
    const nodeId = await insertNode(this.database);
    const log = await openWrittenLog(this.store, { nodeId });
    log.write(entries);
    log.finish();
    await log.writer.flush();
    await log.close();
    const slice = await this.store.read(nodeId, { from: { afterSeq: 0 }, limit: 10_000 });
    await endNode(this.database, nodeId);
    return { nodeId, slice };
  }

  async statusOf(nodeId: string): Promise<unknown> {
    const query = 'select status from log_archives where node_id = $1';
    return (await this.database.query(query, [nodeId]))[0]?.[0];
  }

  async archived(nodeId: string): Promise<void> {
    await eventually('the archive', async () => (await this.statusOf(nodeId)) === 'archived');
  }

  async expired(nodeId: string): Promise<void> {
    const from = { afterSeq: 0 };
    await eventually(
      'the end of the log',
      async () => (await this.store.read(nodeId, { from, limit: 1 })).expired,
    );
  }

  /** Archives and manifests in the folder. */
  async files(): Promise<string[]> {
    const names = await readdir(this.folder, { recursive: true });
    return names.filter((name) => /\.(?:gz|json)$/.test(name)).map((name) => join(this.folder, name));
  }

  /** On a page that is up to a second old: poll it. */
  async metric(name: string): Promise<number> {
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await this.#page.text())?.[1]);
  }

  #nodes(): SqlNodeStore {
    return new SqlNodeStore({ database: this.database, clock: systemClock });
  }
}
