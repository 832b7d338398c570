import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Clock } from '../clock.js';
import { Backoff } from '../wait/backoff.js';
import type { ChannelListener } from './channel-listener.js';
import { ChannelListeners } from './channel-listeners.js';
import type { RedisConnection } from './connection.js';
import { PendingReplies } from './pending-replies.js';
import { SubscriptionProbe } from './subscription-probe.js';

const RECONNECT = { firstMs: 50, maxMs: 2_000, random: Math.random };

/**
 * Subscribes to many channels over one connection of its own. After a loss, or where a probe does not return, it subscribes
 * again and notifies its listeners. See decision 13.
 */
export class RedisSubscriber {
  readonly #connection: RedisConnection;
  readonly #clock: Clock;
  readonly #listeners = new ChannelListeners();
  readonly #pending = new PendingReplies();
  readonly #closing = new AbortController();
  readonly #probe: SubscriptionProbe;
  #redis: Redis | undefined;
  #opening: Promise<Redis> | undefined;

  constructor(connection: RedisConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    const channel = `launchlog:probe:${randomUUID()}`;
    this.#probe = new SubscriptionProbe({
      clock,
      channel,
      publish: () => connection.call((commands) => commands.publish(channel, '')),
      onSilent: () => this.#redis?.disconnect(),
    });
  }

  /** Resolves to a function that unsubscribes, once messages are certain to arrive. Rejects if Redis is unavailable. */
  async subscribe(channel: string, listener: ChannelListener): Promise<() => Promise<void>> {
    const redis = this.#redis ?? (await this.#open());
    this.#listeners.add(channel, listener);
    try {
      // Needed even if the channel has listeners, because the first SUBSCRIBE may still be under way.
      await this.#pending.race(redis.subscribe(channel));
    } catch (error) {
      await this.#remove(channel, listener);
      throw error;
    }
    return () => this.#remove(channel, listener);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'));
    this.#listeners.clear();
    const redis = this.#redis;
    this.#forget();
    redis?.disconnect();
    await this.#opening?.then(
      (opened) => opened.disconnect(),
      () => undefined,
    );
  }

  async #remove(channel: string, listener: ChannelListener): Promise<void> {
    if (!this.#listeners.remove(channel, listener)) return;
    await this.#redis?.unsubscribe(channel).catch(() => undefined);
  }

  #open(): Promise<Redis> {
    this.#opening ??= this.#connect().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #connect(): Promise<Redis> {
    this.#closing.signal.throwIfAborted();
    const redis = this.#connection.openSubscriber();
    redis.on('error', () => undefined); // every error is followed by a close
    redis.on('close', () => this.#pending.onLost()); // there is one connection at a time, so all pending replies are its own
    redis.on('messageBuffer', (channel: Buffer, message: Buffer) =>
      this.#dispatch(channel.toString(), message),
    );
    try {
      await redis.connect();
      await this.#pending.race(redis.subscribe(this.#probe.channel, ...this.#listeners.channels));
      this.#closing.signal.throwIfAborted();
    } catch (error) {
      redis.disconnect();
      throw error;
    }
    redis.once('close', () => this.#onLost(redis));
    this.#redis = redis;
    this.#probe.start();
    return redis;
  }

  #dispatch(channel: string, message: Buffer): void {
    if (!this.#probe.takes(channel)) this.#listeners.deliver(channel, message);
  }

  #onLost(redis: Redis): void {
    if (this.#redis !== redis || this.#closing.signal.aborted) return;
    this.#forget();
    this.#notify((listener) => listener.onInterrupted());
    void this.#reopen();
  }

  async #reopen(): Promise<void> {
    const backoff = new Backoff(RECONNECT);
    for (;;) {
      try {
        await backoff.wait(this.#clock, this.#closing.signal);
        if (this.#redis === undefined) await this.#open();
        this.#notify((listener) => listener.onResumed());
        return;
      } catch {
        if (this.#closing.signal.aborted) return;
      }
    }
  }

  #forget(): void {
    this.#redis = undefined;
    this.#probe.stop();
  }

  #notify(call: (listener: ChannelListener) => void): void {
    for (const channel of this.#listeners.channels) this.#listeners.notify(channel, call);
  }
}
