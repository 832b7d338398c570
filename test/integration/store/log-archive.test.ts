import { createHash, randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { getLogs } from '@launchlog/server/search/log-page';
import { logEntrySchema } from '@launchlog/shared/log-entry';
import { logQuerySchema } from '@launchlog/shared/log-query';
import { ArchiveRig } from '../../support/launch/archive-rig.js';
import { FeedProbe } from '../../support/log/feed-probe.js';
import { embeddedLogRig, redisLogRig, type LogRig } from '../../support/log/log-rigs.js';
import { endNode, insertNode } from '../../support/database/node-rows.js';
import { S3_CREDENTIALS, S3Server } from '../../support/backing-service/s3-server.js';
import { openWrittenLog } from '../../support/log/written-log.js';
import { eventually } from '../../support/within.js';

const LOG_KINDS: Readonly<Record<string, () => Promise<LogRig>>> = {
  'in this process': () => embeddedLogRig(),
  'in Redis': () => redisLogRig(),
};

describe.each(Object.entries(LOG_KINDS))('the archive of logs %s', (_, openLogs) => {
  let rig: ArchiveRig;
  let s3: S3Server;

  beforeAll(async () => {
    for (const [name, value] of Object.entries(S3_CREDENTIALS)) vi.stubEnv(name, value);
    rig = await ArchiveRig.open(openLogs);
    s3 = await S3Server.start();
  });
  afterAll(async () => {
    await rig.close();
    await s3.close();
    vi.unstubAllEnvs();
  });
  beforeEach(() => rig.begin());
  afterEach(() => rig.end());

  it('holds every log whole, with a manifest that describes it, when its launch has ended', async () => {
    const { nodeId, slice } = await rig.endedLaunch(2_500);
    await rig.openArchive();
    await rig.archived(nodeId);
    const names = await rig.files();
    expect(names).toHaveLength(2);
    const packed = await readFile(names.find((name) => name.endsWith('.gz')) ?? '');
    expect(gunzipSync(packed).toString().trimEnd().split('\n')).toEqual(slice.lines);
    const text = await readFile(names.find((name) => name.endsWith('.json')) ?? '', 'utf8');
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
      const { nodeId, slice: stored } = await rig.endedLaunch(600);
      // What was wrong with the keys in Redis is no part of the log.
      const slice = { ...stored, faults: undefined };
      const { logs } = await rig.openArchive(place === 'a folder' ? rig.folder : s3.archiveUrl);
      await rig.archived(nodeId);
      await rig.expired(nodeId);
      const whole = await logs.read(nodeId, { from: { afterSeq: 0 }, limit: 10_000 });
      expect(whole).toEqual(slice);
      const middle = await logs.read(nodeId, { from: { afterSeq: 300 }, limit: 5 });
      expect(middle).toEqual({ ...slice, lines: slice.lines.slice(300, 305), linesFrom: 301 });
      expect((await logs.read(nodeId, { from: { tail: 2 }, limit: 5 })).lines).toEqual(slice.lines.slice(-2));
      expect((await logs.read(nodeId, { from: { afterSeq: 601 }, limit: 5 })).lines).toEqual([]);

      const found = await getLogs(logs, { id: nodeId }, logQuerySchema.parse({ tail: 3 }));
      expect(found.records.map(({ entry }) => entry.message)).toEqual(['599', '600', 'the end']);
      expect(found.gap ?? found.reset).toBeUndefined();

      const feed = rig.openFeed(logs);
      const fresh = FeedProbe.attach(feed, nodeId, { tail: 10_000 });
      const resumed = FeedProbe.attach(feed, nodeId, { cursor: `${slice.epoch}:590` });
      await eventually('both ends', () => fresh.ended !== undefined && resumed.ended !== undefined);
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
    const { nodeId } = await rig.endedLaunch(10);
    const first = await rig.openArchive(s3.archiveUrl);
    await eventually('a failed archiving', () =>
      rig.lines.some((line) => line.includes('could not be archived')),
    );
    expect(await rig.statusOf(nodeId)).toBe('pending');
    await first.close();
    await s3.up();
    await rig.openArchive(s3.archiveUrl);
    await rig.archived(nodeId);
  });

  it('reports in the place of the log a file that is not what was put there, and comes back when it is repaired', async () => {
    const { nodeId, slice } = await rig.endedLaunch(20);
    const { logs } = await rig.openArchive();
    await rig.archived(nodeId);
    await rig.expired(nodeId);
    const path = (await rig.files()).find((name) => name.endsWith('.gz')) ?? '';
    const good = await readFile(path);
    const bad = Buffer.from(good);
    bad[20] = (bad[20] ?? 0) ^ 1;
    await writeFile(path, bad);
    const shown = await logs.read(nodeId, { from: { afterSeq: 0 }, limit: 100 });
    expect(shown).toMatchObject({ epoch: slice.epoch, lastSeq: 21, firstSeq: 21, closed: true });
    const entries = shown.lines.map((line) => logEntrySchema.parse(JSON.parse(line)));
    expect(entries).toMatchObject([{ seq: 21, level: 'error', phase: 'active' }]);
    expect(entries[0]?.message).toMatch(/damaged: its checksum does not match/);
    const reported = rig.lines.filter((line) => line.includes('checksum does not match'));
    expect(reported).toHaveLength(1);
    expect(reported[0]).toContain(nodeId);
    await expect.poll(() => rig.metric('launchlog_archive_damaged_total')).toBe(1);

    const probe = FeedProbe.attach(rig.openFeed(logs), nodeId, { cursor: `${slice.epoch}:5` });
    await eventually('the end', () => probe.ended !== undefined);
    expect(probe.gaps).toMatchObject([{ from_seq: 6, to_seq: 20 }]);
    expect(probe.seqs).toEqual([21]);
    expect(probe.items.at(-1)).toMatchObject({ kind: 'done', done: { status: 'active' } });

    await writeFile(path, good);
    await eventually(
      'the log from the mended archive',
      async () => (await logs.read(nodeId, { from: { afterSeq: 0 }, limit: 100 })).lines.length === 21,
    );
  }, 30_000);

  it('is not answered while its place is away, and is when that is back', async () => {
    const { nodeId } = await rig.endedLaunch(5);
    const { logs } = await rig.openArchive(s3.archiveUrl);
    await rig.archived(nodeId);
    await rig.expired(nodeId);
    await s3.down();
    const read = () => logs.read(nodeId, { from: { afterSeq: 0 }, limit: 100 });
    await expect(read()).rejects.toMatchObject({ name: 'LogStoreUnavailableError' });
    await s3.up();
    expect((await read()).lines).toHaveLength(6);
  });

  it('reports in the place of the log that a file is gone', async () => {
    const { nodeId } = await rig.endedLaunch(5);
    const { logs } = await rig.openArchive();
    await rig.archived(nodeId);
    await rig.expired(nodeId);
    for (const name of await rig.files()) await rm(name);
    const found = await getLogs(logs, { id: nodeId }, logQuerySchema.parse({}));
    expect(found.records.map(({ seq, entry }) => [seq, entry.message])).toEqual([
      [6, 'The archive of this log is damaged: its file is gone. Its entries cannot be shown.'],
    ]);
  });

  it('deletes what is older than its retention, and then the log is expired and nothing else', async () => {
    const { nodeId } = await rig.endedLaunch(5);
    const first = await rig.openArchive(rig.folder, 1);
    await rig.archived(nodeId);
    await first.close();
    await rig.database.script("update log_archives set archived_at = now() - interval '25 hours'");
    const { logs } = await rig.openArchive(rig.folder, 1);
    await expect.poll(() => rig.statusOf(nodeId)).toBe('deleted');
    expect(await rig.files()).toEqual([]);
    await rig.expired(nodeId);
    expect(await logs.read(nodeId, { from: { afterSeq: 0 }, limit: 10 })).toMatchObject({
      expired: true,
      lines: [],
    });
  });

  it('does not stand in for a log that was cleared, or that has begun again', async () => {
    const { nodeId, slice } = await rig.endedLaunch(5);
    const { logs } = await rig.openArchive();
    await rig.archived(nodeId);
    await rig.store.clear(nodeId);
    expect(await logs.read(nodeId, { from: { afterSeq: 0 }, limit: 10 })).toMatchObject({
      cleared: true,
      lines: [],
    });
    const next = await openWrittenLog(rig.store, { nodeId, attempt: 2 });
    next.write(1);
    await next.writer.flush();
    await next.close();
    await rig.expired(nodeId);
    const read = await logs.read(nodeId, { from: { afterSeq: 0 }, limit: 10 });
    expect(read).toMatchObject({ expired: true, lines: [] });
    expect(read.epoch).not.toBe(slice.epoch);
  });

  it('notes a log that was gone before it could be archived, and holds up no other', async () => {
    const nodeId = await insertNode(rig.database);
    await endNode(rig.database, nodeId, { endedMsAgo: 2 * 3_600_000 });
    const other = await rig.endedLaunch(3);
    const { logs } = await rig.openArchive();
    await rig.archived(other.nodeId);
    await expect.poll(() => rig.statusOf(nodeId)).toBe('missing');
    await expect.poll(() => rig.metric('launchlog_archive_missing')).toBe(1);
    expect(await logs.read(randomUUID(), { from: { tail: 1 }, limit: 1 })).toMatchObject({
      epoch: undefined,
    });
  });
});
