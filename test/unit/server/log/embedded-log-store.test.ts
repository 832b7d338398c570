import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedLogStore } from '@launchlog/server/log/embedded-log-store';
import { LogStoreUnavailableError } from '@launchlog/server/log/log-store';
import { FakeClock } from '../../../support/fake-clock.js';
import { batchOf, logLine, logLines, terminalLine } from '../../../support/log-lines.js';

const NODE = 'node-1';
const ALL = { from: { afterSeq: 0 }, limit: 100_000 } as const;

describe('the log store in a directory', () => {
  let directory: string;
  let clock: FakeClock;
  let file: string;
  let store: EmbeddedLogStore;
  let damages: { nodeId: string; path: string }[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'launchlog-log-'));
    file = join(directory, `${NODE}.ndjson`);
    clock = new FakeClock();
    damages = [];
    store = await open();
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  function open(limits = {}): Promise<EmbeddedLogStore> {
    const all = { maxEntries: 100, maxBytes: 2 ** 20, ttlMs: 3_600_000, metaTtlMs: 7_200_000, ...limits };
    return EmbeddedLogStore.open({
      directory,
      clock,
      limits: all,
      onDamaged: (damage) => damages.push(damage),
    });
  }

  async function reopen(limits = {}): Promise<void> {
    await store.close();
    store = await open(limits);
  }

  async function begin(lines: number) {
    const claim = await store.claim(NODE, 1);
    if (claim.kind !== 'claimed') throw new Error('fenced');
    if (lines > 0) await store.append(batchOf({ nodeId: NODE, epoch: claim.epoch }, 1, logLines(1, lines)));
    return { nodeId: NODE, epoch: claim.epoch };
  }

  it('keeps a log as JSON lines that a person can read, for its owner alone', async () => {
    await begin(2);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as { op?: string; seq?: number })).toMatchObject([
      { op: 'begin', began: 'new' },
      { op: 'append', count: 2 },
      { seq: 1 },
      { seq: 2 },
    ]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('takes a batch that a crash cut short, at whatever byte, as never written', async () => {
    const log = await begin(3);
    const whole = (await stat(file)).size;
    await store.append(batchOf(log, 4, logLines(4, 6)));
    const content = await readFile(file);
    for (let size = whole; size < content.length; size += 7) {
      await store.close();
      await writeFile(file, content);
      await truncate(file, size);
      store = await open();
      const slice = await store.read(NODE, ALL);
      expect(slice).toMatchObject({ epoch: log.epoch, lastSeq: 3, lines: logLines(1, 3) });
      expect(await store.append(batchOf(log, 4, logLines(4, 6)))).toEqual({ kind: 'appended' });
    }
    await reopen();
    expect((await store.read(NODE, ALL)).lines).toEqual(logLines(1, 6));
  });

  it.each([
    ['garbage behind the last record', (content: string) => `${content}\0\0garbage\n{"op":"append"`],
    ['zeros behind the last record', (content: string) => `${content}\0\0\0\0`],
    ['a record that cannot be read', (content: string) => content.replace('"last_seq":5', '"last_seq":x')],
    ['an entry that is no JSON', (content: string) => content.replace('{"seq":4,', '{"seq":4')],
    ['an entry of another place', (content: string) => content.replace('{"seq":4,', '{"seq":9,')],
    [
      'records that are gone',
      (content: string) => content.replace(/\n\{"op":"append"[^\n]*\n\{"seq":4,.*\n\{"seq":5,.*/, ''),
    ],
    ['a newline that is gone', (content: string) => content.replace('\n{"seq":4,', ' {"seq":4,')],
  ])('continues in a new epoch, as lost, after %s, and keeps the damaged file', async (_, damage) => {
    const log = await begin(3);
    await store.append(batchOf(log, 4, logLines(4, 5)));
    await store.append(batchOf(log, 6, logLines(6, 7)));
    await store.close();
    const content = damage(await readFile(file, 'utf8'));
    await writeFile(file, content);
    store = await open();
    const slice = await store.read(NODE, ALL);
    expect(slice).toMatchObject({ began: 'lost', firstSeq: 1, lines: logLines(1, slice.lastSeq) });
    expect(slice.epoch).not.toBe(log.epoch);
    expect(slice.lastSeq).toBeGreaterThanOrEqual(3);
    expect(damages).toEqual([{ nodeId: NODE, path: `${file}.damaged` }]);
    expect(await readFile(`${file}.damaged`, 'utf8')).toBe(content);
    // A writer that believes in the old epoch notices, and a new owner continues after what is left.
    expect(await store.append(batchOf(log, 8, logLines(8, 8)))).toEqual({ kind: 'lost' });
    expect(await store.claim(NODE, 2)).toMatchObject({ epoch: slice.epoch, lastSeq: slice.lastSeq });
    await reopen();
    expect(await store.read(NODE, ALL)).toMatchObject({ epoch: slice.epoch, lastSeq: slice.lastSeq });
    expect(damages).toHaveLength(1);
  });

  it('keeps the epoch of a log that had ended before the damage', async () => {
    const log = await begin(2);
    await store.append(batchOf(log, 3, [terminalLine(3)], { terminal: true }));
    await store.close();
    await appendFile(file, 'garbage\n');
    store = await open();
    expect(await store.read(NODE, ALL)).toMatchObject({ epoch: log.epoch, lastSeq: 3, closed: true });
    expect(damages).toHaveLength(1);
  });

  it('knows nothing of a log whose file begins with damage', async () => {
    const log = await begin(2);
    await store.close();
    await writeFile(file, Buffer.alloc((await stat(file)).size));
    store = await open();
    expect(await store.read(NODE, ALL)).toMatchObject({ epoch: undefined, lastSeq: 0, lines: [] });
    expect(await store.append(batchOf(log, 3, logLines(3, 3)))).toEqual({ kind: 'lost' });
    expect(damages).toHaveLength(1);
  });

  it('keeps its file small however much is written', async () => {
    const log = await begin(0);
    const message = 'x'.repeat(1_000);
    for (let seq = 1; seq <= 5_000; seq += 100) {
      const lines = Array.from({ length: 100 }, (_, index) => logLine(seq + index, { message }));
      await store.append(batchOf(log, seq, lines));
    }
    expect((await stat(file)).size).toBeLessThan(2 * 100 * 1_200 + 1024 * 1024 + 120_000);
    await reopen();
    const slice = await store.read(NODE, ALL);
    expect(slice).toMatchObject({ epoch: log.epoch, lastSeq: 5_000, firstSeq: 4_901 });
    expect(await readdir(directory)).toEqual([`${NODE}.ndjson`]);
  });

  it('remembers after a restart what it knew of expiry, closing and checkpoints', async () => {
    const log = await begin(2);
    await store.append(batchOf(log, 3, [terminalLine(3)], { terminal: true, checkpoint: 'c' }));
    await reopen();
    expect(await store.claim(NODE, 2)).toMatchObject({ lastSeq: 3, checkpoint: 'c', terminal: { seq: 3 } });
    await clock.advance(3_600_000);
    await reopen();
    expect(await store.read(NODE, ALL)).toMatchObject({ closed: true, expired: true, lastSeq: 3, lines: [] });
  });

  it('removes the files of logs it has forgotten, and what a compaction left behind', async () => {
    await begin(1);
    await store.close();
    await writeFile(`${file}.new`, 'half');
    const old = new Date(clock.now() - 7_200_001);
    await writeFile(`${file}.damaged`, 'kept long enough');
    await utimes(file, old, old);
    await utimes(`${file}.damaged`, old, old);
    await writeFile(join(directory, 'notes.txt'), 'not ours');
    store = await open();
    expect(await readdir(directory)).toEqual(['notes.txt']);
  });

  it('serves many more logs than it keeps in memory', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `node-${index}`);
    for (const nodeId of ids) {
      const claim = await store.claim(nodeId, 1);
      if (claim.kind !== 'claimed') throw new Error('fenced');
      await store.append(batchOf({ nodeId, epoch: claim.epoch }, 1, [logLine(1, { message: nodeId })]));
    }
    for (const nodeId of ids) {
      expect((await store.read(nodeId, ALL)).lines).toEqual([logLine(1, { message: nodeId })]);
    }
  });

  it('reports that it is unavailable when its directory cannot be written, and continues when it can', async () => {
    const log = await begin(1);
    await reopen();
    await rm(directory, { recursive: true });
    await writeFile(directory, 'in the way');
    await expect(store.append(batchOf(log, 2, [logLine(2)]))).rejects.toBeInstanceOf(
      LogStoreUnavailableError,
    );
    await rm(directory);
    await store.close();
    store = await open();
    expect(await store.append(batchOf(log, 2, [logLine(2)]))).toEqual({ kind: 'lost' });
  });
});
