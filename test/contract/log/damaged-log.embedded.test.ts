import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { exportLog } from '@launchlog/server/export/log-export';
import { EmbeddedLogStore } from '@launchlog/server/log/embedded-log-store';
import { getLogs } from '@launchlog/server/search/log-page';
import { logExportQuerySchema } from '@launchlog/shared/log-export';
import { logQuerySchema, type LogQueryInput } from '@launchlog/shared/log-query';
import { FeedBench, range } from '../../support/log/feed-bench.js';
import { FeedProbe } from '../../support/log/feed-probe.js';
import { batchOf, logLines } from '../../support/log/log-lines.js';
import { embeddedLogRig, TEST_LIMITS } from '../../support/log/log-rigs.js';

const NODE = '11111111-1111-4111-8111-111111111111';

/** Entries 4 to 6 and 9 of 12 are damaged. */
describe('a log whose file was damaged', () => {
  const bench = new FeedBench(() => embeddedLogRig());
  let directory: string;
  let store: EmbeddedLogStore;
  let epoch: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'launchlog-log-'));
    const open = () => EmbeddedLogStore.open({ directory, clock: systemClock, limits: TEST_LIMITS });
    store = await open();
    const claim = await store.claim(NODE, 1);
    epoch = claim.kind === 'claimed' ? claim.epoch : '';
    await store.append(batchOf({ nodeId: NODE, epoch }, 1, logLines(1, 12)));
    await store.close();
    const file = join(directory, `${NODE}.ndjson`);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll(/line [4569]"/g, 'lime"'));
    store = await open();
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  const page = (query: LogQueryInput) => getLogs(store, { id: NODE }, logQuerySchema.parse(query));
  const seqsOf = ({ records }: Awaited<ReturnType<typeof page>>) => records.map(({ seq }) => seq);

  it('is streamed with a gap for exactly the damaged entries, whatever the filter', async () => {
    const feed = bench.feedOver(store);
    for (const query of [{}, { q: 'line' }, { cursor: `${epoch}:1` }]) {
      const probe = FeedProbe.attach(feed, NODE, query);
      const first = 'cursor' in query ? 2 : 1;
      await expect.poll(() => probe.seqs).toEqual([...range(first, 3), 7, 8, ...range(10, 12)]);
      expect(probe.gaps).toEqual([
        { from_seq: 4, to_seq: 6, reason: 'damaged' },
        { from_seq: 9, to_seq: 9, reason: 'damaged' },
      ]);
      probe.close();
    }
    await feed.close();
  });

  it('is read page by page with the same gaps', async () => {
    const first = await page({ cursor: `${epoch}:0` });
    expect([seqsOf(first), first.gap]).toEqual([[1, 2, 3], undefined]);
    const second = await page({ cursor: first.nextCursor });
    expect([seqsOf(second), second.gap]).toEqual([[7, 8], { from_seq: 4, to_seq: 6, reason: 'damaged' }]);
    const third = await page({ cursor: second.nextCursor });
    expect([seqsOf(third), third.gap]).toEqual([[10, 11, 12], { from_seq: 9, to_seq: 9, reason: 'damaged' }]);
  });

  it('is read as one page with one gap that spans the damage', async () => {
    const gap = { from_seq: 4, to_seq: 9, reason: 'damaged' };
    for (const query of [{}, { q: 'line' }]) {
      const whole = await page({ tail: 12, ...query });
      expect([seqsOf(whole), whole.gap]).toEqual([[1, 2, 3, 7, 8, 10, 11, 12], gap]);
    }
    const last = await page({ tail: 3 });
    expect([seqsOf(last), last.gap]).toEqual([[10, 11, 12], undefined]);
  });

  it('is exported with a line in the place of each damaged entry', async () => {
    const query = logExportQuerySchema.parse({ format: 'ndjson' });
    const { pieces } = await exportLog({ store, clock: systemClock, nodeId: NODE, query });
    let text = '';
    for await (const piece of pieces) text += piece;
    const lines = text.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(range(1, 12));
    expect(lines[3]).toContain('this line of the log cannot be read');
  });
});
