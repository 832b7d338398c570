import { afterEach, describe, expect, test } from 'vitest';
import { followNodeLog, type FollowNodeLogOptions, type LaunchlogClient } from '@launchlog/sdk';
import { createTestLaunchlog, type TestLaunchlog } from '@launchlog/sdk/testing';

const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'facebook/opt-125m' } as const;
const PAGE = 10_000;

const opened: { stop: () => void; launchlog: TestLaunchlog }[] = [];
afterEach(async () => {
  for (const { stop, launchlog } of opened.splice(0)) {
    stop();
    await launchlog.client.close();
  }
});

type Play = (...steps: Parameters<TestLaunchlog['play']>[1][]) => void;

interface Rig {
  readonly lines?: number;
  readonly options?: Partial<FollowNodeLogOptions>;
  /** Called before each page, with its number. */
  readonly onPage?: (page: number, play: Play) => void;
}

/** Follows a log that has some lines already, and notes what arrives, each entry by its number. */
async function follow({ lines = 0, options = { tail: 'all' }, onPage }: Rig) {
  const launchlog = createTestLaunchlog();
  launchlog.script([]);
  const { node } = await launchlog.client.launch(LAUNCH);
  const play: Play = (...steps) => {
    for (const step of steps) launchlog.play(node.id, step);
  };
  for (let line = 1; line <= lines; line += 1) play({ log: `line ${line}` });
  const pages: object[] = [];
  const client: Pick<LaunchlogClient, 'logs' | 'followLog'> = {
    ...launchlog.client,
    logs: Object.assign((...[id, query, call]: Parameters<LaunchlogClient['logs']>) => {
      pages.push(query ?? {});
      const read = async () => {
        onPage?.(pages.length, play);
        return launchlog.client.logs(id, query, call);
      };
      return read() as ReturnType<LaunchlogClient['logs']>;
    }, launchlog.client.logs),
  };
  const seen: string[] = [];
  const seqs: number[] = [];
  const batches: number[] = [];
  const cursors: string[] = [];
  const errors: unknown[] = [];
  const stop = followNodeLog(client, node.id, {
    onEntries: (entries, cursor) => {
      batches.push(entries.length);
      cursors.push(cursor);
      for (const { seq } of entries) seqs.push(seq);
    },
    onEvent: ({ type }) => type !== 'status' && seen.push(`${type} after ${seqs.length}`),
    onConnection: (connection, error) => {
      seen.push(connection);
      if (error !== undefined) errors.push(error);
    },
    ...options,
  });
  opened.push({ stop, launchlog });
  return { launchlog, play, pages, seen, seqs, batches, cursors, errors, stop };
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

describe('a log that is followed into a store', () => {
  test('is read in full pages and then followed, each entry once and in order', async () => {
    const log = await follow({
      lines: PAGE + 50,
      // Lines that arrive between the pages and the stream.
      onPage: (page, play) => (page === 2 ? play({ log: 'between' }) : undefined),
    });
    await expect.poll(() => log.seen).toEqual(['live']);
    log.play({ log: 'new' }, { active: {} });
    await expect.poll(() => log.seen).toEqual(['live', `done after ${PAGE + 53}`, 'ended']);
    expect(log.seqs).toEqual(upTo(PAGE + 53));
    expect(log.batches).toEqual([PAGE, 51, 1, 1]);
    expect(log.pages).toMatchObject([{ cursor: '0000000000000000:0', limit: PAGE }, { limit: PAGE }]);
    expect(log.cursors.at(-1)).toMatch(new RegExp(`:${PAGE + 53}$`));
  });

  test.each([
    [1, 50],
    [2, PAGE + 50],
  ])('continues with the stream where page %i fails', async (failing, lines) => {
    const log = await follow({
      lines,
      onPage: (page) => {
        if (page === failing) throw new Error('away');
      },
    });
    log.play({ active: {} });
    await expect.poll(() => log.seen.at(-1)).toBe('ended');
    expect(log.seqs).toEqual(upTo(lines + 1));
    expect(log.pages).toHaveLength(failing);
  });

  test('has a gap and a reset in their places, in its pages and in the stream', async () => {
    const log = await follow({
      lines: PAGE + 50,
      onPage: (page, play) => {
        if (page === 1) play({ trim: 20 });
        if (page === 2) play({ reset: 'cleared' }, { log: 'new' });
      },
    });
    await expect.poll(() => log.seen).toEqual(['gap after 0', `reset after ${PAGE}`, 'live']);
    expect(log.seqs).toEqual([...upTo(PAGE + 20, 21), 1]);
    log.play({ reset: 'cleared' }, { log: 'newer' });
    await expect.poll(() => log.seqs).toEqual([...upTo(PAGE + 20, 21), 1, 1]);
    expect(log.seen.at(-1)).toBe(`reset after ${PAGE + 1}`);
  });

  test('is streamed alone for a short tail, and read as one page for a long one', async () => {
    const short = await follow({ lines: 20, options: { tail: 5 } });
    await expect.poll(() => short.seqs).toEqual(upTo(20, 16));
    expect(short.pages).toEqual([]);
    const long = await follow({ lines: 900, options: { tail: 800, q: 'LINE' } });
    await expect.poll(() => long.seqs.at(-1)).toBe(900);
    long.play({ log: 'other' }, { log: 'line 902' });
    await expect.poll(() => long.seqs.at(-1)).toBe(902);
    expect(long.seqs).toEqual([...upTo(900, 101), 902]);
    expect(long.pages).toEqual([{ tail: 800, q: 'LINE' }]);
  });

  test('shows that its connection is lost and back, and misses nothing meanwhile', async () => {
    const log = await follow({ lines: 2 });
    await expect.poll(() => log.seen).toEqual(['live']);
    log.launchlog.disconnect();
    log.play({ log: 'meanwhile' });
    await expect.poll(() => log.seqs).toEqual([1, 2, 3]);
    expect(log.seen).toEqual(['live', 'reconnecting', 'live']);
  });

  test('fails with the reason: a refusal, a closed client, or what a listener throws', async () => {
    const launchlog = createTestLaunchlog();
    const fail = (nodeId: string, options: Partial<FollowNodeLogOptions>) =>
      new Promise((resolve) => {
        const stop = followNodeLog(launchlog.client, nodeId, {
          onEntries: () => undefined,
          onConnection: (connection, error) => connection === 'failed' && resolve(error),
          ...options,
        });
        opened.push({ stop, launchlog });
      });
    expect(await fail('nobody', { tail: 'all' })).toMatchObject({ code: 'node_not_found' });
    const own = new Error('the store is full');
    const onEntries = () => {
      throw own;
    };
    const { node } = await launchlog.client.launch(LAUNCH);
    expect(await fail(node.id, { tail: 'all', onEntries })).toBe(own);
    launchlog.script([]);
    const running = await launchlog.client.launch(LAUNCH);
    const failed = fail(running.node.id, {});
    await expect.poll(() => launchlog.client.connection.state).toBe('open');
    await launchlog.client.close();
    expect(await failed).toMatchObject({ kind: 'closed' });
  });

  test('calls no listener after it was stopped, not even within a page', async () => {
    const stops: (() => void)[] = [];
    const stopped = await follow({
      lines: 3,
      onPage: (_, play) => play({ trim: 1 }),
      options: { tail: 'all', onEvent: () => stops[0]?.() },
    });
    stops.push(stopped.stop);
    await expect.poll(() => stopped.pages.length).toBe(1);
    stopped.play({ active: {} });
    const other = await follow({ lines: 1 });
    await expect.poll(() => other.seqs).toEqual([1]);
    expect(stopped.seqs).toEqual([]);
    expect(stopped.seen).toEqual([]);
    other.stop();
    other.stop();
    other.play({ log: 'late' });
    await expect.poll(() => other.launchlog.client.connection.state).toBe('idle');
    expect(other.seqs).toEqual([1]);
  });
});
