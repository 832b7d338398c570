import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { damagedLine } from '@launchlog/server/log/damage/damaged-line';
import { EmbeddedLogStore } from '@launchlog/server/log/embedded-log-store';
import { LogStoreUnavailableError } from '@launchlog/server/log/log-store';
import { FakeClock } from '../../../support/fake/fake-clock.js';
import { batchOf, logLine, logLines, terminalLine } from '../../../support/log/log-lines.js';

const NODE = 'node-1';
const SUM = expect.stringMatching(/^[0-9a-f]{8}$/) as string;
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
      { sum: SUM, op: 'begin', began: 'new' },
      { sum: SUM, op: 'append', count: 2 },
      { sum: SUM, seq: 1 },
      { sum: SUM, seq: 2 },
    ]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('takes a batch that a crash cut short, at whatever byte, as never written', async () => {
    const log = await begin(3);
    const whole = (await stat(file)).size;
    const mark = await readFile(`${file}.mark`);
    await store.append(batchOf(log, 4, logLines(4, 6)));
    const content = await readFile(file);
    // One byte short of its end, the change lacks a line end and nothing else.
    content.fill(0, content.length - 1);
    for (let size = whole; size < content.length; size += 7) {
      await store.close();
      await writeFile(file, content);
      await truncate(file, size);
      await writeFile(`${file}.mark`, mark);
      store = await open();
      const slice = await store.read(NODE, ALL);
      expect(slice).toMatchObject({ epoch: log.epoch, lastSeq: 3, lines: logLines(1, 3) });
      expect(await store.append(batchOf(log, 4, logLines(4, 6)))).toEqual({ kind: 'appended' });
    }
    await reopen();
    expect((await store.read(NODE, ALL)).lines).toEqual(logLines(1, 6));
  });

  it.each([
    ['an entry whose text was changed', (text: string) => text.replace('line 4', 'lime 4'), [4]],
    ['an entry that is no JSON', (text: string) => text.replace('"seq":4,', '"seq":4'), [4]],
    ['an entry that is gone', (text: string) => text.replace(/\n[^\n]*"seq":4,[^\n]*/, ''), [4]],
    [
      'a change that is gone with its entries',
      (text: string) => text.replace(/\n[^\n]*"n":3\}\n.*"seq":4,.*\n.*"seq":5,[^\n]*/, ''),
      [4, 5],
    ],
    ['an end that is gone', (text: string) => text.slice(0, text.lastIndexOf('{"sum"')), [7]],
    ['zeros', (text: string) => text.replace(/(?<="seq":4,).*\n.*(?="phase")/, '\0\0\0\n\0'), [4, 5]],
    ['no content at all', () => '', [1, 2, 3, 4, 5, 6, 7]],
  ])(
    'puts a mark in the place of each damaged entry after %s, and keeps the damaged file',
    async (_, damage, lost) => {
      const log = await begin(3);
      await store.append(batchOf(log, 4, logLines(4, 5)));
      await store.append(batchOf(log, 6, logLines(6, 7)));
      await store.close();
      const content = damage(await readFile(file, 'utf8'));
      await writeFile(file, content);
      store = await open();
      const lines = logLines(1, 7).map((line, index) =>
        lost.includes(index + 1) ? damagedLine(index + 1) : line,
      );
      expect(await store.read(NODE, ALL)).toMatchObject({ epoch: log.epoch, firstSeq: 1, lastSeq: 7, lines });
      expect(damages).toEqual([{ nodeId: NODE, path: `${file}.damaged` }]);
      expect(await readFile(`${file}.damaged`, 'utf8')).toBe(content);
      // The numbers of the log continue where they ended, and the file is sound again.
      expect(await store.append(batchOf(log, 8, logLines(8, 8)))).toEqual({ kind: 'appended' });
      await reopen();
      expect((await store.read(NODE, ALL)).lines).toEqual([...lines, logLine(8)]);
      expect(damages).toHaveLength(1);
    },
  );

  it.each([
    ['a change that cannot be read', (text: string) => text.replace('"last_seq":5', '"last_seq":x')],
    ['a line end that is gone', (text: string) => text.replace(/\n(?=\{[^\n]*"seq":4,)/, ' ')],
    ['the last line end gone', (text: string) => text.slice(0, -1)],
    ['changes that stand there twice', (text: string) => text + text],
    ['garbage behind the last change', (text: string) => `${text}\0\0garbage\n{"op":"append"`],
  ])('loses no entry to %s', async (_, damage) => {
    const log = await begin(3);
    await store.append(batchOf(log, 4, logLines(4, 5)));
    await store.append(batchOf(log, 6, logLines(6, 7)));
    await store.close();
    await writeFile(file, damage(await readFile(file, 'utf8')));
    store = await open();
    const whole = { epoch: log.epoch, firstSeq: 1, lastSeq: 7, lines: logLines(1, 7) };
    expect(await store.read(NODE, ALL)).toMatchObject(whole);
    await reopen();
    expect(await store.read(NODE, ALL)).toMatchObject(whole);
    expect(damages.length).toBeLessThanOrEqual(1);
  });

  it('continues in a new epoch, as lost, when the end of a damaged log is not known', async () => {
    const log = await begin(3);
    await store.close();
    await rm(`${file}.mark`);
    await writeFile(file, (await readFile(file, 'utf8')).replace('line 3', 'lime 3'));
    store = await open();
    const slice = await store.read(NODE, ALL);
    expect(slice).toMatchObject({ began: 'lost', firstSeq: 1, lines: [...logLines(1, 2), damagedLine(3)] });
    expect(slice.epoch).not.toBe(log.epoch);
    // A writer that believes in the old epoch notices, and a new owner continues after what is left.
    expect(await store.append(batchOf(log, 4, logLines(4, 4)))).toEqual({ kind: 'lost' });
    expect(await store.claim(NODE, 2)).toMatchObject({ epoch: slice.epoch, lastSeq: 3 });
  });

  it('keeps the end of a log whose last entry is damaged', async () => {
    const log = await begin(2);
    await store.append(batchOf(log, 3, [terminalLine(3)], { terminal: true }));
    await store.close();
    await writeFile(file, (await readFile(file, 'utf8')).replace('ready', 'READY'));
    store = await open();
    const lines = [...logLines(1, 2), terminalLine(3)];
    expect(await store.read(NODE, ALL)).toMatchObject({ epoch: log.epoch, closed: true, lines });
    expect(await store.claim(NODE, 2)).toMatchObject({ terminal: { seq: 3, message: 'ready' } });
  });

  describe('with a file of version 0.1.0', () => {
    const epoch = '0123456789abcdef';
    const at = new FakeClock().now();
    const old = [
      `{"op":"begin","at":${at},"epoch":"${epoch}","attempt":1,"began":"new"}`,
      `{"op":"append","at":${at},"last_seq":3,"count":3,"closed":false,"checkpoint":"c"}`,
      ...logLines(1, 3),
      `{"op":"own","at":${at},"attempt":2}`,
      `{"op":"append","at":${at},"last_seq":5,"count":2,"closed":false}`,
      ...logLines(4, 5),
      '',
    ].join('\n');

    it('reads it and writes it again with checksums', async () => {
      await writeFile(file, old);
      expect(await store.read(NODE, ALL)).toMatchObject({ epoch, began: 'new', lines: logLines(1, 5) });
      const sums = (await readFile(file, 'utf8')).trimEnd().split('\n');
      expect(sums.map((line) => JSON.parse(line) as object)).toEqual(
        Array.from({ length: 6 }, () => expect.objectContaining({ sum: SUM }) as object),
      );
      expect(
        await store.append({ ...batchOf({ nodeId: NODE, epoch }, 6, [logLine(6)]), attempt: 2 }),
      ).toEqual({
        kind: 'appended',
      });
      await reopen();
      expect(await store.read(NODE, ALL)).toMatchObject({ epoch, lines: logLines(1, 6) });
      expect(damages).toEqual([]);
    });

    it.each([
      ['cut one byte short', old.slice(0, -2), [5]],
      ['with an entry that cannot be read', old.replace('{"seq":2,', '{"seq":2'), [2]],
      ['with a change that cannot be read', old.replace('"last_seq":5', '"last_seq":x'), []],
      ['without its first change', old.slice(old.indexOf('\n') + 1), []],
    ])('keeps every sound entry of one %s', async (_, content, lost) => {
      await writeFile(file, content);
      const slice = await store.read(NODE, ALL);
      const lines = logLines(1, 5).map((line, index) =>
        lost.includes(index + 1) ? damagedLine(index + 1) : line,
      );
      expect(slice).toMatchObject({ began: 'lost', lastSeq: 5, lines });
      expect(slice.epoch).not.toBe(epoch);
      expect(damages).toHaveLength(1);
    });
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
    expect((await readdir(directory)).toSorted()).toEqual([`${NODE}.ndjson`, `${NODE}.ndjson.mark`]);
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
