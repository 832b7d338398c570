import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FeedItem } from '@launchlog/server/feed/feed-item';
import { LogFeed } from '@launchlog/server/feed/log-feed';
import type { NodeLogStore } from '@launchlog/server/log/log-store';
import { FakeClock } from '../../support/fake/fake-clock.js';
import { expectContinuous, FeedProbe } from '../../support/log/feed-probe.js';
import { batchOf, logLine, terminalLine } from '../../support/log/log-lines.js';
import { embeddedLogRig, redisLogRig, TEST_LIMITS } from '../../support/log/log-rigs.js';
import { WAIT_MS } from '../../support/within.js';

/** How many random histories each store goes through. */
const RUNS = Number(process.env['LAUNCHLOG_PROPERTY_RUNS'] ?? 25);
const CLIENTS = 4;
/** Small, so that trimming happens all the time. */
const MAX_ENTRIES = 40;

type Step =
  | { readonly op: 'append'; readonly count: number }
  | { readonly op: 'clear' | 'lose' | 'takeOver' | 'expire' | 'interrupt' | 'turn' }
  | { readonly op: 'attach'; readonly client: number; readonly tail: number; readonly room: number }
  | { readonly op: 'cut' | 'drain'; readonly client: number };

const client = fc.nat(CLIENTS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ op: fc.constant('append' as const), count: fc.integer({ min: 1, max: 25 }) }),
  },
  { weight: 6, arbitrary: fc.record({ op: fc.constant('turn' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('attach' as const),
      client,
      tail: fc.integer({ min: 1, max: 60 }),
      room: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ op: fc.constantFrom('cut' as const, 'drain' as const), client }) },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constantFrom(
        'clear' as const,
        'lose' as const,
        'takeOver' as const,
        'expire' as const,
        'interrupt' as const,
      ),
    }),
  },
);

/** What a store needs done to it from outside. */
interface Hands {
  readonly store: NodeLogStore;
  /** The entries go as if their time had come. */
  expire(nodeId: string): Promise<void>;
  /** The connection that brings announcements breaks. */
  interrupt(): Promise<void>;
}

/** One consumer over all its connections: it comes back with the cursor it had. */
class Client {
  readonly items: FeedItem[] = [];
  #probe: FeedProbe | undefined;
  #cursor: string | undefined;

  attach(feed: LogFeed, nodeId: string, { tail, room }: { tail: number; room: number }): void {
    this.cut();
    this.#probe = FeedProbe.attach(feed, nodeId, {
      tail,
      room,
      ...(this.#cursor === undefined ? {} : { cursor: this.#cursor }),
    });
  }

  makeRoom(batches: number): void {
    this.#probe?.makeRoom(batches);
  }

  cut(): void {
    this.#probe?.close();
    this.items.push(...(this.#probe?.items ?? []));
    this.#cursor = this.items.at(-1)?.cursor ?? this.#cursor;
    this.#probe = undefined;
  }

  get done(): boolean {
    return this.#probe?.ended === 'done';
  }
}

/** Plays a history against a log and checks what every client got against what was written. */
async function play(hands: Hands, steps: readonly Step[]): Promise<void> {
  const { store } = hands;
  const nodeId = randomUUID();
  const clock = new FakeClock();
  const snapshot = {
    status: { phase: 'provisioning' as const, message: 'launching' },
    done: { status: 'launching' as const, message: 'launching' },
  };
  const nodeSnapshot = () => Promise.resolve(snapshot);
  const feed = new LogFeed({
    store,
    clock,
    nodeSnapshot,
    endedNodes: () => Promise.resolve([]),
    maxAgeMs: 3_600_000,
    random: () => 0,
  });
  const clients = Array.from({ length: CLIENTS }, () => new Client());
  const written = new Map<string, string>();
  let attempt = 0;
  let epoch = '';
  let seq = 0;

  async function claim(renewal?: string) {
    const reply = await store.claim(nodeId, attempt, renewal);
    if (reply.kind !== 'claimed') throw new Error('fenced');
    epoch = reply.epoch;
    seq = reply.lastSeq;
  }

  async function append(lines: (first: number) => string[], terminal = false): Promise<void> {
    const batch = batchOf({ nodeId, epoch, attempt }, seq + 1, lines(seq + 1), { terminal });
    const { kind } = await store.append(batch);
    if (kind === 'cleared' || kind === 'lost') {
      await claim(kind === 'lost' ? randomBytes(8).toString('hex') : undefined);
      return append(lines, terminal);
    }
    expect(kind).toBe('appended');
    seq += batch.lines.length;
    batch.lines.forEach((line, index) => written.set(`${epoch}:${batch.firstSeq + index}`, line));
  }

  async function perform(todo: Step): Promise<void> {
    switch (todo.op) {
      case 'append':
        return append((first) =>
          Array.from({ length: todo.count }, (_, index) => logLine(first + index, { message: randomUUID() })),
        );
      case 'clear':
        return store.clear(nodeId);
      case 'lose':
        return claim(randomBytes(8).toString('hex'));
      case 'takeOver':
        attempt += 1;
        return claim();
      case 'expire':
        return hands.expire(nodeId);
      case 'interrupt':
        return hands.interrupt();
      case 'turn':
        return clock.advance(100);
      case 'attach':
        return clients[todo.client]?.attach(feed, nodeId, todo);
      case 'drain':
        return clients[todo.client]?.makeRoom(2);
      case 'cut':
        return clients[todo.client]?.cut();
    }
  }

  try {
    await perform({ op: 'takeOver' });
    for (const todo of steps) await perform(todo);
    for (const each of clients) each.attach(feed, nodeId, { tail: 5, room: Infinity });
    await append((first) => [terminalLine(first)], true);
    await vi.waitFor(
      async () => {
        await clock.advance(1_000);
        expect(clients.map(({ done }) => done)).toEqual(clients.map(() => true));
      },
      { timeout: WAIT_MS, interval: 5 },
    );
    for (const each of clients) {
      each.cut();
      expectContinuous(each.items);
      const logs = each.items.flatMap((item) => (item.kind === 'log' ? [item.record] : []));
      for (const record of logs) expect(record.json).toBe(written.get(`${record.epoch}:${record.seq}`));
      expect(logs.at(-1)).toMatchObject({ epoch, seq });
      expect(each.items.at(-1)).toMatchObject({ kind: 'done', final: true, cursor: `${epoch}:${seq}:done` });
    }
  } finally {
    await feed.close();
  }
}

/** What went wrong, with the seed and the shortest history that fails; undefined when nothing did. */
async function counterexample(hands: () => Hands): Promise<string | undefined> {
  const histories = fc.array(step, { minLength: 5, maxLength: 60 });
  const property = fc.asyncProperty(histories, (steps) => play(hands(), steps));
  const result = await fc.check(property, { numRuns: RUNS });
  return result.failed ? fc.defaultReportMessage(result) : undefined;
}

const TIMEOUT_MS = 600_000;

describe('whatever happens to a log and its readers, every client gets each entry once and in order, or a gap or reset', () => {
  describe('in Redis', () => {
    let rig: Awaited<ReturnType<typeof redisLogRig>>;
    let store: NodeLogStore;
    beforeAll(async () => {
      rig = await redisLogRig();
      store = await rig.open({ maxEntries: MAX_ENTRIES });
    });
    afterAll(async () => {
      await store.close();
      await rig.close();
    });

    it('holds for random histories', { timeout: TIMEOUT_MS }, async () => {
      const found = await rig.server.with((redis) =>
        counterexample(() => ({
          store,
          expire: async (nodeId) => void (await redis.pexpire(`node_logs:${nodeId}`, 0)),
          interrupt: async () => void (await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')),
        })),
      );
      expect(found).toBeUndefined();
    });
  });

  describe('in this process', () => {
    const clock = new FakeClock();
    let rig: Awaited<ReturnType<typeof embeddedLogRig>>;
    let store: NodeLogStore;
    beforeAll(async () => {
      rig = await embeddedLogRig(clock);
      store = await rig.open({ maxEntries: MAX_ENTRIES });
    });
    afterAll(async () => {
      await store.close();
      await rig.close();
    });

    it('holds for random histories', { timeout: TIMEOUT_MS }, async () => {
      const found = await counterexample(() => ({
        store,
        expire: () => clock.advance(TEST_LIMITS.ttlMs),
        interrupt: () => Promise.resolve(),
      }));
      expect(found).toBeUndefined();
    });
  });
});
