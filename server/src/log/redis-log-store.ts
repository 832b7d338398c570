import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';
import { ChangedLogs } from '../redis/changed-logs.js';
import type { RedisConnection } from '../redis/connection.js';
import { nodeLogKeys, PROBE_KEYS } from '../redis/keys.js';
import { RedisSubscriber } from '../redis/redis-subscriber.js';
import { ShardedSubscriber } from '../redis/sharded-subscriber.js';
import { RedisScript } from '../redis/script.js';
import {
  LogStoreUnavailableError,
  type AppendReply,
  type LogBatch,
  type LogClaim,
  type LogLimits,
  type LogPosition,
  type LogRange,
  type LogSignal,
  type LogSlice,
  type LogSubscription,
  type NodeLogStore,
} from './log-store.js';
import { RedisPositionStore } from './position/redis-position-store.js';
import { MendedLogs } from './damage/mended-logs.js';
import { appendReplySchema, claimReplySchema, parseMessage, sliceReplySchema } from './redis-log-reply.js';
import { redisRefusal } from './redis-refusal.js';

interface RedisLogStoreOptions {
  /** Closed with the store. */
  readonly connection: RedisConnection;
  readonly clock: Clock;
  readonly limits: LogLimits;
  /** Draws an epoch: 16 lower-case hexadecimal digits. */
  readonly random?: () => string;
}

/**
 * Keeps logs in Redis: a list, a hash and a channel for each node. Each operation that must be atomic is one script.
 * Durability is that of Redis' own persistence; entries that it loses show as `lost`.
 */
export class RedisLogStore implements NodeLogStore {
  readonly positions: RedisPositionStore;
  readonly #connection: RedisConnection;
  readonly #subscriber: RedisSubscriber;
  readonly #shardedSubscriber: ShardedSubscriber;
  readonly #limits: LogLimits;
  readonly #random: () => string;
  readonly #append = new RedisScript('log-append', 'log-entry');
  readonly #changed: ChangedLogs;
  readonly #mended = new MendedLogs();
  readonly #claim = new RedisScript('log-claim', 'log-entry');
  readonly #clear = new RedisScript('log-clear');
  readonly #read = new RedisScript('log-read', 'log-entry');
  readonly #probe = new RedisScript('log-probe');

  constructor(options: RedisLogStoreOptions) {
    this.#connection = options.connection;
    this.#subscriber = new RedisSubscriber(options.connection, options.clock);
    this.#shardedSubscriber = new ShardedSubscriber(options.connection, options.clock);
    this.#limits = options.limits;
    this.positions = new RedisPositionStore({ connection: options.connection, ttlMs: options.limits.ttlMs });
    this.#changed = new ChangedLogs(options.connection);
    this.#random = options.random ?? (() => randomBytes(8).toString('hex'));
  }

  async claim(nodeId: string, attempt: number, renewal?: string): Promise<LogClaim> {
    const epoch = renewal ?? this.#random();
    const args = [String(attempt), epoch, renewal === undefined ? '0' : '1', String(this.#limits.metaTtlMs)];
    return claimReplySchema.parse(await this.#run(this.#claim, nodeId, args));
  }

  async append(batch: LogBatch): Promise<AppendReply> {
    const { channel } = nodeLogKeys(batch.nodeId);
    const reply = await this.#run(this.#append, batch.nodeId, [
      batch.epoch,
      String(batch.attempt),
      String(batch.firstSeq),
      batch.terminal ? '1' : '0',
      String(this.#limits.maxEntries),
      String(this.#limits.maxBytes),
      String(this.#limits.ttlMs),
      String(this.#limits.metaTtlMs),
      channel,
      batch.checkpoint ?? '',
      this.#connection.runId,
      await this.#publishing(),
      ...batch.lines,
    ]);
    return { kind: appendReplySchema.parse(reply) };
  }

  async read(nodeId: string, range: LogRange): Promise<LogSlice> {
    const { from, limit, maxBytes } = range;
    const start = 'tail' in from ? ['tail', String(from.tail)] : ['after', String(from.afterSeq)];
    const { slice, stands } = sliceReplySchema.parse(
      await this.#run(this.#read, nodeId, [...start, String(limit), String(maxBytes ?? '')]),
    );
    this.#mended.note(nodeId, slice, stands);
    return slice;
  }

  async changed(positions: readonly LogPosition[]): Promise<readonly string[]> {
    const believed = positions.map(({ nodeId, epoch, lastSeq }) => ({
      meta: nodeLogKeys(nodeId).meta,
      stands: this.#mended.standsOf({ nodeId, epoch, lastSeq }),
    }));
    const indexes = await unavailable(this.#changed.among(believed));
    return indexes.flatMap((index) => positions[index]?.nodeId ?? []);
  }

  async subscribe(nodeId: string, onSignal: (signal: LogSignal) => void): Promise<LogSubscription> {
    const subscriber = (await unavailable(this.#connection.isSharded()))
      ? this.#shardedSubscriber
      : this.#subscriber;
    const close = await unavailable(
      subscriber.subscribe(nodeLogKeys(nodeId).channel, {
        onMessage: (message) => onSignal(parseMessage(message)),
        onInterrupted: () => onSignal({ kind: 'interrupted' }),
        onResumed: () => onSignal({ kind: 'resumed' }),
      }),
    );
    return { close };
  }

  async clear(nodeId: string): Promise<void> {
    await this.#run(this.#clear, nodeId, [
      String(this.#limits.metaTtlMs),
      nodeLogKeys(nodeId).channel,
      await this.#publishing(),
    ]);
  }

  async ping(): Promise<void> {
    await unavailable(this.#connection.call((redis) => redis.ping()));
  }

  async probe(): Promise<void> {
    const { list, meta, channel } = PROBE_KEYS;
    const args = [channel, String(PROBE_TTL_MS), await this.#publishing()];
    await unavailable(this.#connection.call((redis) => this.#probe.run(redis, [list, meta], args)));
  }

  async close(): Promise<void> {
    await this.#subscriber.close();
    await this.#shardedSubscriber.close();
    await this.#connection.close();
  }

  /** The command by which the scripts announce. In a Cluster the channel of a log is in the log's own slot. */
  async #publishing(): Promise<'PUBLISH' | 'SPUBLISH'> {
    return (await unavailable(this.#connection.isSharded())) ? 'SPUBLISH' : 'PUBLISH';
  }

  #run(script: RedisScript, nodeId: string, args: readonly string[]): Promise<unknown> {
    const { list, meta } = nodeLogKeys(nodeId);
    return unavailable(this.#connection.call((redis) => script.run(redis, [list, meta], args)));
  }
}

const PROBE_TTL_MS = 60_000;

/** Whatever Redis refuses (memory, disk, loading, failover, rights), the effect is unknown and the call may be repeated. */
async function unavailable<Reply>(reply: Promise<Reply>): Promise<Reply> {
  try {
    return await reply;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new LogStoreUnavailableError(`Redis: ${message}`, { cause: error, refusal: redisRefusal(error) });
  }
}
