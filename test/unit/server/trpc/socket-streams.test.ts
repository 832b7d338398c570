import { collect } from '../../../support/collect.js';
import { describe, expect, test } from 'vitest';
import { FeedEndedError } from '@launchlog/server/feed/feed-item';
import type { StreamHandle } from '@launchlog/server/feed/feed-item';
import { attachedStream } from '@launchlog/server/trpc/attached-stream';
import { FedSubscription } from '@launchlog/server/trpc/fed-subscription';
import { atPaceOf } from '@launchlog/server/trpc/subscriber';
import type { SocketStreamOptions } from '@launchlog/server/trpc/socket-stream';

/** A socket that has room or not, as the test wants. */
function socketStreamOptions() {
  const seen = { written: [] as string[], ended: [] as string[], hasRoom: true };
  const options: SocketStreamOptions = {
    feed: {
      attach: () => {
        throw new Error('nothing to attach to');
      },
    },
    prefix: '{',
    writer: {
      confirmedBytes: 7,
      write(frames) {
        seen.written.push(frames.toString());
        return seen.hasRoom;
      },
    },
    onEnd: (reason) => void seen.ended.push(reason),
    onFailed: () => undefined,
  };
  return { seen, options };
}

/** Attaches to a feed of texts. */
class TextSubscription extends FedSubscription<string> {
  readonly calls: string[] = [];

  constructor(options: SocketStreamOptions) {
    super(options, (batch, prefix) => Buffer.from(prefix + batch));
  }

  override begin(attach: () => void): Promise<void> {
    const note = (call: string) => void this.calls.push(call);
    this.feedBy((): StreamHandle => {
      note('attach');
      attach();
      return { resume: () => note('resume'), close: () => note('close') };
    });
    return Promise.resolve();
  }
}

describe('a subscription that is fed', () => {
  test('reports to its feed whether the socket has room, and continues once when it has', async () => {
    const { seen, options } = socketStreamOptions();
    const stream = new TextSubscription(options);
    await stream.begin(() => undefined);
    expect(stream.push('a')).toBe(true);
    stream.resume();
    seen.hasRoom = false;
    expect(stream.push('b')).toBe(false);
    stream.resume();
    stream.resume();
    expect(seen.written).toEqual(['{a', '{b']);
    expect(stream.calls).toEqual(['attach', 'resume']);
    expect(stream.progress()).toBe(7);
  });

  test('that was closed before it began is never attached', async () => {
    const stream = new TextSubscription(socketStreamOptions().options);
    stream.close();
    await stream.begin(() => undefined);
    expect(stream.calls).toEqual([]);
  });

  test('that is closed while it is attached leaves the feed, and reports no end', async () => {
    const { seen, options } = socketStreamOptions();
    const stream = new TextSubscription(options);
    await stream.begin(() => stream.close());
    stream.end('done');
    expect(stream.calls).toEqual(['attach', 'close']);
    expect(seen.ended).toEqual([]);
  });

  test.each(['log', 'merged', 'watch'] as const)(
    'of the kind %s serves nothing but what its procedure gives',
    async (kind) => {
      await expect(async () =>
        attachedStream(kind, socketStreamOptions().options).begin({ find: () => Promise.resolve({}) }),
      ).rejects.toThrow(/^not a /);
    },
  );
});

/** A socket that counts its subscriptions. */
function countingSubscriber() {
  const seen = { inside: 0, asked: 0, onDrained: () => undefined as unknown };
  const subscriber = {
    drained: async () => void seen.onDrained(),
    progress: () => 0,
    askToReconnect: () => void (seen.asked += 1),
    enter: () => {
      seen.inside += 1;
      return () => void (seen.inside -= 1);
    },
  };
  return { seen, subscriber };
}

async function* items(failure?: Error) {
  yield 1;
  yield 2;
  if (failure !== undefined) throw failure;
}

describe('a stream at the pace of its client', () => {
  const never = new AbortController().signal;

  test('yields nothing more once its client has left while it waited', async () => {
    const { seen, subscriber } = countingSubscriber();
    const leaving = new AbortController();
    seen.onDrained = () => leaving.abort();
    expect(await collect(atPaceOf(subscriber, items(), leaving.signal))).toEqual([]);
    expect(seen.inside).toBe(0);
  });

  test('asks its client to reconnect where the feed ends it, and waits for that', async () => {
    const { seen, subscriber } = countingSubscriber();
    const leaving = new AbortController();
    const stream = atPaceOf(subscriber, items(new FeedEndedError('max_age')), leaving.signal);
    await stream.next();
    await stream.next();
    const last = stream.next();
    leaving.abort();
    expect((await last).done).toBe(true);
    expect(seen).toMatchObject({ asked: 1, inside: 0 });
  });

  test.each([
    ['the feed failed', new FeedEndedError('failed')],
    ['something else broke', new Error('broken')],
  ])('fails where %s', async (_, failure) => {
    const { seen, subscriber } = countingSubscriber();
    await expect(collect(atPaceOf(subscriber, items(failure), never))).rejects.toBe(failure);
    expect(seen).toMatchObject({ asked: 0, inside: 0 });
  });

  test('fails without a socket that could reconnect', async () => {
    const failure = new FeedEndedError('max_age');
    await expect(collect(atPaceOf(undefined, items(failure), never))).rejects.toBe(failure);
  });
});
