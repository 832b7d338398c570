import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Archive } from '@launchlog/server/archive/archive-ledger';
import { SqlArchiveLedger } from '@launchlog/server/archive/sql-archive-ledger';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import type { OpenDatabase } from '../../support/database/node-databases.js';
import { endNode, insertNode } from '../../support/database/node-rows.js';
import { eventually } from '../../support/within.js';

const HOUR_MS = 3_600_000;
const LEASE_MS = 60_000;

describe.each(Object.entries(DATABASE_KINDS))('the ledger of archives on %s', (_, open) => {
  let fixture: OpenDatabase;
  let ledger: SqlArchiveLedger;

  beforeAll(async () => {
    fixture = await open();
    ledger = new SqlArchiveLedger(fixture.database);
  });
  afterAll(() => fixture.stop());
  beforeEach(() => fixture.database.script('truncate nodes, log_archives'));

  const ended = async (endedMsAgo = 0) => {
    const id = await insertNode(fixture.database);
    await endNode(fixture.database, id, { endedMsAgo });
    return id;
  };
  const claim = async (leaseMs = LEASE_MS) => {
    const job = await ledger.claim(leaseMs);
    if (job === undefined) throw new Error('nothing is due');
    return job;
  };
  const archiveOf = (nodeId: string): Archive => ({
    nodeId,
    name: `2026-01-01/${nodeId}.ndjson.gz`,
    epoch: '0123456789abcdef',
    firstSeq: 3,
    lastSeq: 12_000,
    closed: true,
    began: 'lost',
    bytes: 5_000_000_000,
    sha256: 'ab'.repeat(32),
  });

  it('has one job for each launch that has ended lately, and none for one that runs', async () => {
    await insertNode(fixture.database);
    await ended(2 * HOUR_MS);
    const id = await ended();
    expect(await ledger.fill(HOUR_MS)).toBe(1);
    expect(await ledger.fill(HOUR_MS)).toBe(0);
    expect(await claim()).toMatchObject({ nodeId: id, attempt: 1 });
    expect(await ledger.claim(LEASE_MS)).toBeUndefined();
  });

  it('gives each job to one of many servers', async () => {
    await Promise.all(Array.from({ length: 20 }, () => ended()));
    await Promise.all([ledger.fill(HOUR_MS), ledger.fill(HOUR_MS)]);
    const jobs = await Promise.all(Array.from({ length: 30 }, () => ledger.claim(LEASE_MS)));
    const taken = jobs.flatMap((job) => (job === undefined ? [] : [job.nodeId]));
    expect(new Set(taken).size).toBe(taken.length);
    for (let job = await ledger.claim(LEASE_MS); job !== undefined; job = await ledger.claim(LEASE_MS)) {
      taken.push(job.nodeId);
    }
    expect(new Set(taken).size).toBe(20);
    expect(taken.length).toBe(20);
  });

  it('stores an archive as it was given, including numbers beyond 32 bits', async () => {
    const id = await ended();
    await ledger.fill(HOUR_MS);
    expect(await ledger.find(id)).toBeUndefined();
    expect(await ledger.archived(await claim(), archiveOf(id))).toBe(true);
    expect(await ledger.find(id)).toEqual({ ...archiveOf(id), phase: 'active' });
    expect(await ledger.find(randomUUID())).toBeUndefined();
    expect(await ledger.claim(LEASE_MS)).toBeUndefined();
  });

  it('reassigns a job of a server that vanished, and then refuses results from that server', async () => {
    const id = await ended();
    await ledger.fill(HOUR_MS);
    const vanished = await claim(1);
    const next = await eventually('the end of the lease', () => ledger.claim(LEASE_MS));
    expect(next).toMatchObject({ nodeId: id, attempt: 2 });
    expect(await ledger.missing(vanished, 'late')).toBe(false);
    expect(await ledger.archived(vanished, archiveOf(id))).toBe(false);
    expect(await ledger.archived(next, archiveOf(id))).toBe(true);
  });

  it('gives a job that failed again only after the wait, whatever the error was', async () => {
    await ended();
    await ledger.fill(HOUR_MS);
    expect(await ledger.retry(await claim(), 'no route\u0000 to host', 60_000)).toBe(true);
    expect(await ledger.claim(LEASE_MS)).toBeUndefined();
    await fixture.database.script(`update log_archives set next_attempt_at = now()`);
    expect(await claim()).toMatchObject({ attempt: 2 });
  });

  it('never makes a lost or a deleted archive again, and counts what waits and what was lost', async () => {
    const [lost, deleted] = [await ended(), await ended()];
    await ended();
    await ledger.fill(HOUR_MS);
    for (const job of [await claim(), await claim(), await claim()]) {
      if (job.nodeId === lost) await ledger.missing(job, 'gone');
      else if (job.nodeId === deleted) await ledger.archived(job, archiveOf(job.nodeId));
      else await ledger.retry(job, 'later', 0);
    }
    expect(await ledger.claimExpired(HOUR_MS, LEASE_MS)).toBeUndefined();
    const expired = await eventually('an archive of the past', () => ledger.claimExpired(0, LEASE_MS));
    expect(expired).toMatchObject({ nodeId: deleted, name: archiveOf(deleted).name });
    expect(await ledger.claimExpired(0, LEASE_MS)).toBeUndefined();
    expect(await ledger.find(deleted)).toBeDefined();
    expect(await ledger.deleted(expired)).toBe(true);
    expect(await ledger.find(deleted)).toBeUndefined();
    expect(await ledger.fill(HOUR_MS)).toBe(0);
    expect(await ledger.backlog()).toMatchObject({ pending: 1, missing: 1 });
  });
});
