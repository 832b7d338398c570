import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ArchiveTooLargeError, type ArchiveStore } from '@launchlog/server/archive/archive-store';
import { FolderArchiveStore } from '@launchlog/server/archive/folder-archive-store';
import { parseArchiveLocation } from '@launchlog/server/archive/archive-location';
import { S3ArchiveStore } from '@launchlog/server/archive/s3-archive-store';
import { S3_CREDENTIALS, S3Server } from '../../support/backing-service/s3-server.js';

interface Opened {
  readonly store: ArchiveStore;
  readonly close: () => Promise<void>;
}

const KINDS: Readonly<Record<string, () => Promise<Opened>>> = {
  'a folder': async () => {
    const folder = await mkdtemp(join(tmpdir(), 'launchlog-archive-'));
    return { store: new FolderArchiveStore(folder), close: () => rm(folder, { recursive: true }) };
  },
  'an S3-compatible server': async () => {
    const server = await S3Server.start();
    const place = parseArchiveLocation(server.archiveUrl, '/unused');
    if (place.kind !== 's3') throw new Error(place.kind);
    const store = await S3ArchiveStore.open(place.target);
    return { store, close: () => server.close() };
  },
};

const MAX_BYTES = 1_000_000;
const { signal } = new AbortController();

describe.each(Object.entries(KINDS))('archives in %s', (_, open) => {
  let opened: Opened;

  beforeAll(async () => {
    for (const [name, value] of Object.entries(S3_CREDENTIALS)) vi.stubEnv(name, value);
    opened = await open();
  });
  afterAll(async () => {
    opened.store.close();
    await opened.close();
    vi.unstubAllEnvs();
  });

  const newName = () => `2026-01-01/${randomUUID()}.ndjson.gz`;

  it('gives back the bytes that were put, of any kind and of none', async () => {
    for (const bytes of [Buffer.from([0, 255, 10, 13, 0, 128]), Buffer.alloc(300_000, 7), Buffer.alloc(0)]) {
      const name = newName();
      await opened.store.put(name, bytes, signal);
      expect(Buffer.from((await opened.store.get(name, MAX_BYTES, signal)) ?? []).equals(bytes)).toBe(true);
    }
  });

  it('replaces a file whole when it is put again', async () => {
    const name = newName();
    await opened.store.put(name, Buffer.from('the first and longer one'), signal);
    await opened.store.put(name, Buffer.from('the second'), signal);
    expect(Buffer.from((await opened.store.get(name, MAX_BYTES, signal)) ?? []).toString()).toBe(
      'the second',
    );
  });

  it('has nothing where nothing was put, or where it was removed, and removes twice without complaint', async () => {
    const name = newName();
    expect(await opened.store.get(name, MAX_BYTES, signal)).toBeUndefined();
    await opened.store.put(name, Buffer.from('x'), signal);
    await opened.store.remove(name, signal);
    await opened.store.remove(name, signal);
    expect(await opened.store.get(name, MAX_BYTES, signal)).toBeUndefined();
  });

  it('refuses to read a file that is larger than expected', async () => {
    const name = newName();
    await opened.store.put(name, Buffer.alloc(1_001), signal);
    await expect(opened.store.get(name, 1_000, signal)).rejects.toBeInstanceOf(ArchiveTooLargeError);
  });

  it('is done with what was aborted before it began', async () => {
    const aborted = AbortSignal.abort(new Error('stopped'));
    const name = newName();
    await expect(opened.store.put(name, Buffer.from('x'), aborted)).rejects.toThrow(/stopped|aborted/i);
    expect(await opened.store.get(name, MAX_BYTES, signal)).toBeUndefined();
  });
});

describe('archives in a folder', () => {
  let folder = '';
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('leave no draft behind when they cannot be put', async () => {
    folder = await mkdtemp(join(tmpdir(), 'launchlog-archive-'));
    const store = new FolderArchiveStore(folder);
    await store.put('day/name.ndjson.gz/below', Buffer.from('x'), signal);
    await expect(store.put('day/name.ndjson.gz', Buffer.from('x'), signal)).rejects.toThrow(
      /EISDIR|ENOTEMPTY|EEXIST/,
    );
    expect(await readdir(join(folder, 'day'))).toEqual(['name.ndjson.gz']);
  });
});
