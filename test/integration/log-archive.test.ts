import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { logEntrySchema } from '@launchlog/shared/log-entry';
import { logQuerySchema } from '@launchlog/shared/log-query';
import { createArchive, type LogArchive } from '@launchlog/server/app-archive';
import { ARCHIVE_MIGRATIONS } from '@launchlog/server/archive/archive-migrations';
import { systemClock } from '@launchlog/server/clock';
import { LogFeed } from '@launchlog/server/log/log-feed';
import { getLogs } from '@launchlog/server/log/log-query';
import type { NodeLogStore } from '@launchlog/server/log/log-store';
import { nodeSnapshotOf } from '@launchlog/server/launch/node-snapshot';
import { PrometheusRegistry } from '@launchlog/server/metrics/prometheus-registry';
import { migrate } from '@launchlog/server/node/migrations';
import { NODE_MIGRATIONS } from '@launchlog/server/node/node-migrations';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { FeedProbe } from '../support/feed-probe.js';
import { embeddedLogRig, redisLogRig, type LogRig } from '../support/log-rigs.js';
import { DATABASE_KINDS, type OpenDatabase } from '../support/node-databases.js';
import { endNode, insertNode } from '../support/node-rows.js';
import { S3_CREDENTIALS, S3Server } from '../support/s3-server.js';
import { openWrittenLog } from '../support/written-log.js';

const TTL_MS = 2_000;
const WAIT_MS = 15_000;
const TIMING = { pollMs: 50, retryFirstMs: 50 };

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error('it did not happen');
    await sleep(20);
  }
}

const LOG_KINDS: Readonly<Record<string, () => Promise<LogRig>>> = {
  'in this process': () => embeddedLogRig(),
  'in Redis': () => redisLogRig(),
};

describe.each(Object.entries(LOG_KINDS))('the archive of logs %s', (_, openRig) => {
  let fixture: OpenDatabase;
  let rig: LogRig;
  let s3: S3Server;
  let store: NodeLogStore;
  let folder: string;
  let archive: LogArchive;
  let page: PrometheusRegistry;
  const lines: string[] = [];
  const closers: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    for (const [name, value] of Object.entries(S3_CREDENTIALS)) vi.stubEnv(name, value);
    fixture = await DATABASE_KINDS['PGlite']!();
    await migrate(fixture.database, [...NODE_MIGRATIONS, ...ARCHIVE_MIGRATIONS]);
    rig = await openRig();
    store = await rig.open({ ttlMs: TTL_MS, metaTtlMs: 60_000, maxEntries: 5_000, maxBytes: 2 ** 23 });
    s3 = await S3Server.start();
  });
  afterAll(async () => {
    await store.close();
    await rig.close();
    await s3.close();
    await fixture.stop();
    vi.unstubAllEnvs();
  });
  beforeEach(async () => {
    await fixture.database.script('truncate nodes, log_archives');
    folder = await mkdtemp(join(tmpdir(), 'launchlog-archive-'));
    lines.length = 0;
  });
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
    await rm(folder, { recursive: true });
  });

  const openArchive = async (url = folder, retentionDays = 90) => {
    page = new PrometheusRegistry(systemClock);
    archive = await createArchive({
      config: {
        ARCHIVE_URL: url,
        ARCHIVE_RETENTION_DAYS: retentionDays,
        DATA_DIR: folder,
        LOG_TTL_HOURS: 24,
      },
      database: fixture.database,
      nodes: new SqlNodeStore({ database: fixture.database, clock: systemClock }),
      logs: store,
      page,
      clock: systemClock,
      logger: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
      timing: TIMING,
    });
    closers.push(() => archive.close());
    archive.start();
    return archive;
  };
  /** A launch that has ended, and its log. */
  const endedLaunch = async (entries: number) => {
    const nodeId = await insertNode(fixture.database);
    const log = await openWrittenLog(store, { nodeId });
    log.write(entries);
    log.finish();
    await log.writer.flush();
    await log.close();
    const slice = await store.read(nodeId, { from: { afterSeq: 0 }, limit: 10_000 });
    await endNode(fixture.database, nodeId);
    return { nodeId, slice };
  };
  const statusOf = async (nodeId: string) => {
    const [row] = await fixture.database.query('select status, error from log_archives where node_id = $1', [
      nodeId,
    ]);
    return row?.[0];
  };
  const archived = (nodeId: string) => until(async () => (await statusOf(nodeId)) === 'archived');
  const expired = (nodeId: string) =>
    until(async () => (await store.read(nodeId, { from: { afterSeq: 0 }, limit: 1 })).expired);
  const openFeed = () => {
    const nodes = new SqlNodeStore({ database: fixture.database, clock: systemClock });
    const nodeSnapshot = async (id: string) => {
      const record = await nodes.find(id);
      return record && nodeSnapshotOf(record.node);
    };
    const feed = new LogFeed({ store: archive.logs, clock: systemClock, maxAgeMs: 60_000, nodeSnapshot });
    closers.push(() => feed.close());
    return feed;
  };
  const files = async () =>
    (await readdir(folder, { recursive: true })).filter((name) => /\.(gz|json)$/.test(name));
  const value = async (name: string) => {
    await sleep(1_000); // the page is at most so old
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await page.text())?.[1]);
  };

  it('holds every log whole, with a manifest that says what it is, when its launch has ended', async () => {
    const { nodeId, slice } = await endedLaunch(2_500);
    await openArchive();
    await archived(nodeId);
    const names = await files();
    expect(names).toHaveLength(2);
    const packed = await readFile(join(folder, names.find((name) => name.endsWith('.gz')) ?? ''));
    expect(gunzipSync(packed).toString().trimEnd().split('\n')).toEqual(slice.lines);
    const text = await readFile(join(folder, names.find((name) => name.endsWith('.json')) ?? ''), 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      node_id: nodeId,
      status: 'active',
      epoch: slice.epoch,
      first_seq: 1,
      last_seq: 2_501,
      entries: 2_501,
      complete: true,
      sha256: createHash('sha256').update(packed).digest('hex'),
    });
  });

  it.each(['a folder', 'an S3-compatible server'])(
    'is read from %s when the log has expired: the same entries, the same cursors, the same end',
    async (place) => {
      const { nodeId, slice } = await endedLaunch(600);
      const { logs } = await openArchive(place === 'a folder' ? folder : s3.archiveUrl);
      await archived(nodeId);
      await expired(nodeId);
      const whole = await logs.read(nodeId, { from: { afterSeq: 0 }, limit: 10_000 });
      expect(whole).toEqual(slice);
      const middle = await logs.read(nodeId, { from: { afterSeq: 300 }, limit: 5 });
      expect(middle).toEqual({ ...slice, lines: slice.lines.slice(300, 305), linesFrom: 301 });
      expect((await logs.read(nodeId, { from: { tail: 2 }, limit: 5 })).lines).toEqual(slice.lines.slice(-2));
      expect((await logs.read(nodeId, { from: { afterSeq: 601 }, limit: 5 })).lines).toEqual([]);

      const found = await getLogs(logs, nodeId, logQuerySchema.parse({ tail: 3 }));
      expect(found.entries.map(({ message }) => message)).toEqual(['599', '600', 'the end']);
      expect(found.gap ?? found.reset).toBeUndefined();

      const feed = openFeed();
      const fresh = FeedProbe.attach(feed, nodeId, { tail: 10_000 });
      const resumed = FeedProbe.attach(feed, nodeId, { cursor: `${slice.epoch}:590` });
      await until(() => fresh.ended !== undefined && resumed.ended !== undefined);
      expect(fresh.seqs).toEqual(Array.from({ length: 601 }, (_, index) => index + 1));
      expect(resumed.seqs).toEqual(Array.from({ length: 11 }, (_, index) => 591 + index));
      for (const probe of [fresh, resumed]) {
        expect(probe.ended).toBe('done');
        expect(probe.items.at(-1)).toMatchObject({
          kind: 'done',
          cursor: `${slice.epoch}:601:done`,
          final: true,
        });
        expect(probe.gaps).toEqual([]);
      }
    },
  );

  it('is tried again until the place is there, also by another server', async () => {
    await s3.down();
    const { nodeId } = await endedLaunch(10);
    const first = await openArchive(s3.archiveUrl);
    await until(() => lines.some((line) => line.includes('could not be archived')));
    expect(await statusOf(nodeId)).toBe('pending');
    await first.close();
    await s3.up();
    await openArchive(s3.archiveUrl);
    await archived(nodeId);
  });

  it('says in the place of the log when a file is not what was put there, and comes back when it is repaired', async () => {
    const { nodeId, slice } = await endedLaunch(20);
    const { logs } = await openArchive();
    await archived(nodeId);
    await expired(nodeId);
    const path = join(folder, (await files()).find((name) => name.endsWith('.gz')) ?? '');
    const good = await readFile(path);
    const bad = Buffer.from(good);
    bad[20] = (bad[20] ?? 0) ^ 1;
    await writeFile(path, bad);
    const shown = await logs.read(nodeId, { from: { afterSeq: 0 }, limit: 100 });
    expect(shown).toMatchObject({ epoch: slice.epoch, lastSeq: 21, firstSeq: 21, closed: true });
    const entries = shown.lines.map((line) => logEntrySchema.parse(JSON.parse(line)));
    expect(entries).toMatchObject([{ seq: 21, level: 'error', phase: 'active' }]);
    expect(entries[0]?.message).toMatch(/damaged: its checksum does not match/);
    expect(lines.some((line) => line.includes('checksum does not match') && line.includes(nodeId))).toBe(
      true,
    );
    expect(await value('launchlog_archive_damaged_total')).toBe(1);

    const probe = FeedProbe.attach(openFeed(), nodeId, { cursor: `${slice.epoch}:5` });
    await until(() => probe.ended !== undefined);
    expect(probe.gaps).toMatchObject([{ from_seq: 6, to_seq: 20 }]);
    expect(probe.seqs).toEqual([21]);
    expect(probe.items.at(-1)).toMatchObject({ kind: 'done', done: { status: 'active' } });

    await writeFile(path, good);
    await until(
      async () => (await logs.read(nodeId, { from: { afterSeq: 0 }, limit: 100 })).lines.length === 21,
    );
  }, 30_000);

  it('is not answered while its place is away, and is when that is back', async () => {
    const { nodeId } = await endedLaunch(5);
    const { logs } = await openArchive(s3.archiveUrl);
    await archived(nodeId);
    await expired(nodeId);
    await s3.down();
    const read = () => logs.read(nodeId, { from: { afterSeq: 0 }, limit: 100 });
    await expect(read()).rejects.toMatchObject({ name: 'LogStoreUnavailableError' });
    await s3.up();
    expect((await read()).lines).toHaveLength(6);
  });

  it('says in the place of the log that a file is gone', async () => {
    const { nodeId } = await endedLaunch(5);
    const { logs } = await openArchive();
    await archived(nodeId);
    await expired(nodeId);
    for (const name of await files()) await rm(join(folder, name));
    const found = await getLogs(logs, nodeId, logQuerySchema.parse({}));
    expect(found.entries.map(({ seq, message }) => [seq, message])).toEqual([
      [6, 'The archive of this log is damaged: its file is gone. Its entries cannot be shown.'],
    ]);
  });

  it('deletes what is older than its retention, and then the log is expired and nothing else', async () => {
    const { nodeId } = await endedLaunch(5);
    await openArchive(folder, 1);
    await archived(nodeId);
    await archive.close();
    await fixture.database.script("update log_archives set archived_at = now() - interval '25 hours'");
    const { logs } = await openArchive(folder, 1);
    await until(async () => (await statusOf(nodeId)) === 'deleted');
    expect(await files()).toEqual([]);
    await expired(nodeId);
    expect(await logs.read(nodeId, { from: { afterSeq: 0 }, limit: 10 })).toMatchObject({
      expired: true,
      lines: [],
    });
  });

  it('does not stand in for a log that was cleared, or that has begun again', async () => {
    const { nodeId, slice } = await endedLaunch(5);
    const { logs } = await openArchive();
    await archived(nodeId);
    await store.clear(nodeId);
    expect(await logs.read(nodeId, { from: { afterSeq: 0 }, limit: 10 })).toMatchObject({
      cleared: true,
      lines: [],
    });
    const next = await openWrittenLog(store, { nodeId, attempt: 2 });
    next.write(1);
    await next.writer.flush();
    await next.close();
    await expired(nodeId);
    const read = await logs.read(nodeId, { from: { afterSeq: 0 }, limit: 10 });
    expect(read).toMatchObject({ expired: true, lines: [] });
    expect(read.epoch).not.toBe(slice.epoch);
  });

  it('notes a log that was gone before it could be archived, and holds up no other', async () => {
    const nodeId = await insertNode(fixture.database);
    await endNode(fixture.database, nodeId, { endedMsAgo: 2 * 3_600_000 });
    const other = await endedLaunch(3);
    await openArchive();
    await archived(other.nodeId);
    await until(async () => (await statusOf(nodeId)) === 'missing');
    expect(await value('launchlog_archive_missing')).toBe(1);
    expect(await archive.logs.read(randomUUID(), { from: { tail: 1 }, limit: 1 })).toMatchObject({
      epoch: undefined,
    });
  });
});
