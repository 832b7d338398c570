import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Clock } from '../clock.js';
import type { RedisConnection } from './connection.js';
import { PendingReplies } from './pending-replies.js';
import { SubscriptionProbe } from './subscription-probe.js';

interface ShardConnectionOptions {
  readonly connection: RedisConnection;
  readonly clock: Clock;
  /** `host:port` of a node of the Cluster. */
  readonly address: string;
  /** Any channel of one of its slots. */
  readonly channel: string;
  readonly onMessage: (channel: string, message: Buffer) => void;
  /** Called once, when the connection is lost or one of its slots has moved to another node. */
  readonly onLost: (shard: ShardConnection) => void;
}

/** One connection to one node of a Cluster, for the channels of its slots. */
export class ShardConnection {
  readonly #options: ShardConnectionOptions;
  readonly #redis: Redis;
  readonly #pending = new PendingReplies();
  readonly #probe: SubscriptionProbe;
  #closed = false;

  /** Rejects if the node does not answer, or does not hold the slot of the channel. */
  static async open(options: ShardConnectionOptions): Promise<ShardConnection> {
    const shard = new ShardConnection(options);
    try {
      await shard.#redis.connect();
      await shard.#pending.race(shard.#redis.ssubscribe(shard.#probe.channel));
    } catch (error) {
      shard.close();
      throw error;
    }
    shard.#probe.start();
    return shard;
  }

  private constructor(options: ShardConnectionOptions) {
    const { connection, clock } = options;
    this.#options = options;
    this.#redis = connection.openShardSubscriber(options.address);
    // The probe's channel is in a slot of this node, by the hash tag of the given channel.
    const channel = `${options.channel}:probe:${randomUUID()}`;
    this.#probe = new SubscriptionProbe({
      clock,
      channel,
      publish: () => connection.call((commands) => commands.spublish(channel, '')),
      onSilent: () => this.#redis.disconnect(),
    });
    this.#redis.on('error', () => undefined); // every error is followed by a close
    this.#redis.on('close', () => this.#onLost());
    this.#redis.on('moved', () => this.#redis.disconnect());
    this.#redis.on('smessageBuffer', (channel: Buffer, message: Buffer) =>
      this.#dispatch(channel.toString(), message),
    );
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Subscribes even if the channel is subscribed to already. */
  async subscribe(channel: string): Promise<void> {
    await this.#pending.race(this.#redis.ssubscribe(channel));
  }

  async unsubscribe(channel: string): Promise<void> {
    await this.#pending.race(this.#redis.sunsubscribe(channel)).catch(() => undefined);
  }

  /** Idempotent; `onLost` is not called. */
  close(): void {
    this.#closed = true;
    this.#probe.stop();
    this.#redis.disconnect();
    this.#pending.onLost();
  }

  #onLost(): void {
    this.#pending.onLost();
    if (this.#closed) return;
    this.close();
    this.#options.onLost(this);
  }

  #dispatch(channel: string, message: Buffer): void {
    if (!this.#probe.takes(channel)) this.#options.onMessage(channel, message);
  }
}
