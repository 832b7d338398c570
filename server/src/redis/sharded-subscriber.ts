import type { Clock } from '../clock.js';
import { Backoff } from '../wait/backoff.js';
import type { ChannelListener } from './channel-listener.js';
import { ChannelListeners } from './channel-listeners.js';
import type { RedisConnection } from './connection.js';
import { ShardConnection } from './shard-connection.js';

const RECONNECT = { firstMs: 50, maxMs: 2_000, random: Math.random };
/** A node that no longer holds the slot names the one that does; the map is then read again. */
const ATTEMPTS = 2;

/**
 * Subscribes to channels in a Cluster, each at the node that holds its slot, over one connection for each node. After a loss,
 * or when a slot moves, it subscribes again wherever the slots are then, and notifies the listeners. See decision 146.
 */
export class ShardedSubscriber {
  readonly #connection: RedisConnection;
  readonly #clock: Clock;
  readonly #listeners = new ChannelListeners();
  readonly #shards = new Map<string, Promise<ShardConnection>>();
  /** The connection of each subscribed channel. */
  readonly #homes = new Map<string, ShardConnection>();
  /** Channels whose connection is gone. */
  readonly #lost = new Set<string>();
  readonly #closing = new AbortController();
  #isRecovering = false;

  constructor(connection: RedisConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** Resolves to a function that unsubscribes, once messages are certain to arrive. Rejects if Redis is unavailable. */
  async subscribe(channel: string, listener: ChannelListener): Promise<() => Promise<void>> {
    this.#listeners.add(channel, listener);
    try {
      await this.#attach(channel);
    } catch (error) {
      await this.#remove(channel, listener);
      throw error;
    }
    return () => this.#remove(channel, listener);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'));
    this.#listeners.clear();
    const shards = [...this.#shards.values()];
    this.#shards.clear();
    await Promise.allSettled(shards.map(async (shard) => (await shard).close()));
  }

  async #remove(channel: string, listener: ChannelListener): Promise<void> {
    if (!this.#listeners.remove(channel, listener)) return;
    this.#lost.delete(channel);
    const home = this.#homes.get(channel);
    this.#homes.delete(channel);
    await home?.unsubscribe(channel);
  }

  async #attach(channel: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      this.#closing.signal.throwIfAborted();
      try {
        const address = await this.#connection.ownerOf(channel);
        const shard = await this.#shard(address, channel);
        await shard.subscribe(channel);
        this.#closing.signal.throwIfAborted();
        if (shard.isClosed) throw new Error('the connection to a node of the Cluster was lost');
        this.#homes.set(channel, shard);
        return;
      } catch (error) {
        if (attempt >= ATTEMPTS) throw error;
        await this.#connection.refreshSlots();
      }
    }
  }

  #shard(address: string, channel: string): Promise<ShardConnection> {
    const known = this.#shards.get(address);
    if (known !== undefined) return known;
    const opening = ShardConnection.open({
      connection: this.#connection,
      clock: this.#clock,
      address,
      channel,
      onMessage: (from, message) => this.#listeners.deliver(from, message),
      onLost: (shard) => this.#onLost(address, shard),
    });
    this.#shards.set(address, opening);
    opening.catch(() => {
      if (this.#shards.get(address) === opening) this.#shards.delete(address);
    });
    return opening;
  }

  #onLost(address: string, shard: ShardConnection): void {
    this.#shards.delete(address);
    if (this.#closing.signal.aborted) return;
    for (const [channel, home] of this.#homes) {
      if (home !== shard) continue;
      this.#homes.delete(channel);
      this.#lost.add(channel);
      this.#listeners.notify(channel, (listener) => listener.onInterrupted());
    }
    if (!this.#isRecovering) void this.#recover();
  }

  async #recover(): Promise<void> {
    this.#isRecovering = true;
    const backoff = new Backoff(RECONNECT);
    while (this.#lost.size > 0 && !this.#closing.signal.aborted) {
      try {
        await backoff.wait(this.#clock, this.#closing.signal);
        await this.#connection.refreshSlots();
      } catch {
        continue;
      }
      await Promise.all([...this.#lost].map((channel) => this.#recoverOne(channel)));
    }
    this.#isRecovering = false;
  }

  async #recoverOne(channel: string): Promise<void> {
    try {
      await this.#attach(channel);
    } catch {
      return; // the next round tries it again
    }
    if (!this.#lost.delete(channel)) return;
    this.#listeners.notify(channel, (listener) => listener.onResumed());
  }
}
