import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { isDamagedLine } from '@launchlog/server/log/damage/damaged-line';
import { EmbeddedLog } from '@launchlog/server/log/embedded-log';
import { readJournal } from '@launchlog/server/log/embedded-log-journal';
import { EmbeddedLogMark } from '@launchlog/server/log/embedded-log-mark';
import { EmbeddedLogStore } from '@launchlog/server/log/embedded-log-store';
import type { LogSlice } from '@launchlog/server/log/log-store';
import { FakeClock } from '../support/fake/fake-clock.js';
import { CORRUPTION_PARAMETERS, FUZZ_TIMEOUT_MS } from '../support/fuzz/fuzz-run.js';
import { batchOf, logLine, logLines, terminalLine } from '../support/log/log-lines.js';

const NODE = 'node-1';
const ALL = { from: { afterSeq: 0 }, limit: 100_000 } as const;
const LIMITS = { maxEntries: 60, maxBytes: 2 ** 20, ttlMs: 3_600_000, metaTtlMs: 7_200_000 };
const clock = new FakeClock();

interface WrittenLog {
  readonly content: Buffer;
  readonly mark: Awaited<ReturnType<EmbeddedLogMark['load']>>;
  readonly slice: LogSlice;
}

/** Each way in which a log comes about. */
const HISTORIES: Readonly<Record<string, (store: EmbeddedLogStore) => Promise<void>>> = {
  'one batch': async (store) => {
    await store.append(batchOf(await claim(store, 1), 1, logLines(1, 40)));
  },
  'many batches and a takeover': async (store) => {
    const log = await claim(store, 1);
    for (let seq = 1; seq <= 30; seq += 3) await store.append(batchOf(log, seq, logLines(seq, seq + 2)));
    await store.append({ ...batchOf(await claim(store, 2), 31, logLines(31, 35)), attempt: 2 });
  },
  'more than is held': async (store) => {
    const log = await claim(store, 1);
    const message = 'x'.repeat(1_500);
    for (let seq = 1; seq <= 2_400; seq += 20) {
      const lines = Array.from({ length: 20 }, (_, index) => logLine(seq + index, { message }));
      await store.append(batchOf(log, seq, lines));
    }
  },
  'two logs one after the other': async (store) => {
    await store.append(batchOf(await claim(store, 1), 1, logLines(1, 12)));
    await store.clear(NODE);
    await store.append(batchOf(await claim(store, 1), 1, logLines(1, 20)));
  },
  'a log with an end': async (store) => {
    const log = await claim(store, 1);
    await store.append(batchOf(log, 1, logLines(1, 9)));
    await store.append(batchOf(log, 10, [logLine(10), terminalLine(11)], { terminal: true }));
  },
};

async function claim(store: EmbeddedLogStore, attempt: number) {
  const claimed = await store.claim(NODE, attempt);
  if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
  return { nodeId: NODE, epoch: claimed.epoch };
}

const written: WrittenLog[] = [];

beforeAll(async () => {
  for (const write of Object.values(HISTORIES)) {
    const directory = await mkdtemp(join(tmpdir(), 'launchlog-log-'));
    const store = await EmbeddedLogStore.open({ directory, clock, limits: LIMITS });
    await write(store);
    const slice = await store.read(NODE, ALL);
    await store.close();
    const path = join(directory, `${NODE}.ndjson`);
    written.push({ content: await readFile(path), mark: await new EmbeddedLogMark(path).load(), slice });
    await rm(directory, { recursive: true });
  }
});

const DAMAGE = [
  'flip',
  'overwrite',
  'zero',
  'page',
  'cut',
  'delete',
  'insert',
  'double',
  'break',
  'join',
  'repeat',
] as const;
const MOVES = ['swap'] as const;
const PAGE_BYTES = 4_096;

interface Corruption {
  readonly kind: (typeof DAMAGE | typeof MOVES)[number];
  readonly at: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

const corruption = (kinds: readonly Corruption['kind'][]): fc.Arbitrary<Corruption> =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    at: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
    length: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 5_000 })),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 600 }),
  });

function corrupted(content: Buffer, { kind, at, length, bytes }: Corruption): Buffer {
  const place = Math.floor(at * content.length);
  const [before, after] = [content.subarray(0, place), content.subarray(place)];
  const gone = after.subarray(Math.min(length, after.length));
  switch (kind) {
    case 'flip': {
      const copy = Buffer.from(content);
      copy[place] = (copy[place] ?? 0) ^ (1 << (length % 8));
      return copy;
    }
    case 'overwrite':
      return Buffer.concat([before, bytes, after.subarray(Math.min(bytes.length, after.length))]);
    case 'zero':
      return Buffer.concat([before, Buffer.alloc(Math.min(length, after.length)), gone]);
    case 'cut':
      return Buffer.from(before);
    case 'delete':
      return Buffer.concat([before, gone]);
    case 'insert':
      return Buffer.concat([before, bytes, after]);
    case 'double':
      return Buffer.concat([before, after.subarray(0, length), after]);
    case 'break':
      return Buffer.concat([before, Buffer.from('\n'), after]);
    case 'page': {
      const copy = Buffer.from(content);
      const start = place - (place % PAGE_BYTES);
      return copy.fill(0, start, Math.min(start + PAGE_BYTES, copy.length));
    }
    case 'swap':
    case 'repeat': {
      const lines = content.toString('latin1').split('\n');
      const [one, other] = [Math.floor(at * lines.length), length % lines.length];
      if (kind === 'repeat') lines.splice(other, 0, lines[one] ?? '');
      else [lines[one], lines[other]] = [lines[other] ?? '', lines[one] ?? ''];
      return Buffer.from(lines.join('\n'), 'latin1');
    }
    case 'join': {
      const copy = Buffer.from(content);
      const newline = copy.indexOf('\n', place);
      if (newline >= 0) copy[newline] = length % 256;
      return copy;
    }
  }
}

function readBack(content: Buffer, mark: WrittenLog['mark']) {
  const log = new EmbeddedLog(LIMITS);
  const journal = readJournal(content, { mark, at: clock.now() });
  for (const record of journal.records) log.apply(record);
  return { slice: log.read(ALL), journal };
}

test(
  'whatever happens to the file of a log, no entry is lost or changed in silence',
  {
    timeout: FUZZ_TIMEOUT_MS,
  },
  () => {
    const cases = fc.tuple(
      fc.nat({ max: written.length - 1 }),
      fc.oneof(
        fc.array(corruption(DAMAGE), { minLength: 1, maxLength: 3 }),
        // Among other damage, a record that has moved may not be told from one that stands in its place.
        fc.array(corruption(MOVES), { minLength: 1, maxLength: 1 }),
      ),
    );
    fc.assert(
      fc.property(cases, ([index, corruptions]) => {
        const log = written[index];
        if (log === undefined) return;
        const content = corruptions.reduce((bytes, each) => corrupted(bytes, each), log.content);
        const { slice, journal } = readBack(content, log.mark);
        const { epoch, firstSeq, lastSeq, closed, cleared } = log.slice;
        expect(slice).toMatchObject({ epoch, lastSeq, closed, cleared, linesFrom: slice.firstSeq });
        expect(slice.firstSeq).toBeLessThanOrEqual(firstSeq);
        const left = new Set(content.toString('latin1').split('\n'));
        const sound = soundLines(log);
        // A record in the place of another one may be lost, as a damaged one.
        const isMoved = corruptions.some(({ kind }) => kind === 'swap');
        const wrong = log.slice.lines.filter((line, place) => {
          const now = slice.lines[firstSeq - slice.firstSeq + place];
          if (now !== undefined && !isDamagedLine(now)) return now !== line;
          return !journal.damaged || (!isMoved && left.has(sound[place] ?? ''));
        });
        expect(
          wrong,
          'entries that were changed, lost in silence, or lost although they stand there',
        ).toEqual([]);
      }),
      CORRUPTION_PARAMETERS,
    );
  },
);

test('whichever two lines of a file change places, the last log is shown, and at most their entries are lost', () => {
  const log = written[Object.keys(HISTORIES).indexOf('two logs one after the other')];
  if (log === undefined) throw new Error('no such log');
  const { epoch, lastSeq, lines: entries } = log.slice;
  const lines = log.content.toString('latin1').split('\n').slice(0, -1);
  for (const [one, first = ''] of lines.entries()) {
    for (const [other, second = ''] of lines.entries()) {
      const content = lines.with(one, second).with(other, first).join('\n');
      const { slice } = readBack(Buffer.from(`${content}\n`, 'latin1'), log.mark);
      expect(slice).toMatchObject({ epoch, lastSeq, cleared: false, linesFrom: 1 });
      const lost = slice.lines.filter((line, place) => line !== entries[place]);
      expect(lost.length, `${one} and ${other}`).toBeLessThanOrEqual(2);
      expect(lost.every(isDamagedLine)).toBe(true);
    }
  }
});

/** The lines of the file that hold the entries of the slice. */
function soundLines({ content, slice }: WrittenLog): string[] {
  const lines = content.toString('latin1').split('\n');
  return slice.lines.map((entry) => lines.findLast((line) => line.endsWith(entry.slice(1))) ?? 'none');
}
