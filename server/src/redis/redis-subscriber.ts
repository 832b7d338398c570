import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Clock } from '../clock.js';
import { Backoff } from '../wait/backoff.js';
import type { ChannelListener } from './channel-listener.js';
import type { RedisConnection } from './connection.js';
import { PendingReplies } from './pending-replies.js';

const PROBE_EVERY_MS = 5_000;
/** A probe that has not returned by then proves that the connection is open but receives nothing. */
const PROBE_DEADLINE_MS = 3_000;
const RECONNECT = { firstMs: 50, maxMs: 2_000, random: Math.random };

/**
 * Subscribes to many channels over one connection of its own. Every few seconds it publishes a message to itself to prove
 * that messages still arrive, because a half-open connection, or one to a server that is cut off from the others, shows no
 * error. After a loss it subscribes again and notifies its listeners. See decision 13.
 */
export class RedisSubscriber {
  readonly #connection: RedisConnection;
  readonly #clock: Clock;
  readonly #listeners = new Map<string, Set<ChannelListener>>();
  readonly #probeChannel = `launchlog:probe:${randomUUID()}`;
  readonly #pending = new PendingReplies();
  readonly #closing = new AbortController();
  #redis: Redis | undefined;
  #opening: Promise<Redis> | undefined;
  #stopProbes: (() => void) | undefined;
  #stopDeadline: (() => void) | undefined;

  constructor(connection: RedisConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** Resolves to a function that unsubscribes, once messages are certain to arrive. Rejects if Redis is unavailable. */
  async subscribe(channel: string, listener: ChannelListener): Promise<() => Promise<void>> {
    const redis = this.#redis ?? (await this.#open());
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
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
    const listeners = this.#listeners.get(channel);
    if (!listeners?.delete(listener) || listeners.size > 0) return;
    this.#listeners.delete(channel);
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
    redis.on('message', (channel: string, message: string) => this.#dispatch(channel, message));
    try {
      await redis.connect();
      await this.#pending.race(redis.subscribe(this.#probeChannel, ...this.#listeners.keys()));
      this.#closing.signal.throwIfAborted();
    } catch (error) {
      redis.disconnect();
      throw error;
    }
    redis.once('close', () => this.#onLost(redis));
    this.#redis = redis;
    this.#stopProbes = this.#clock.every(PROBE_EVERY_MS, () => void this.#probe(redis));
    return redis;
  }

  #dispatch(channel: string, message: string): void {
    if (channel === this.#probeChannel) {
      this.#stopDeadline?.();
      this.#stopDeadline = undefined;
      return;
    }
    for (const listener of this.#listeners.get(channel) ?? []) listener.onMessage(message);
  }

  async #probe(redis: Redis): Promise<void> {
    if (this.#stopDeadline !== undefined) return;
    this.#stopDeadline = this.#clock.after(PROBE_DEADLINE_MS, () => redis.disconnect());
    try {
      await this.#connection.call((commands) => commands.publish(this.#probeChannel, ''));
    } catch {
      // Nothing was published, so silence proves nothing.
      this.#stopDeadline?.();
      this.#stopDeadline = undefined;
    }
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
    this.#stopProbes?.();
    this.#stopDeadline?.();
    this.#stopProbes = undefined;
    this.#stopDeadline = undefined;
  }

  #notify(call: (listener: ChannelListener) => void): void {
    for (const listeners of this.#listeners.values()) for (const listener of listeners) call(listener);
  }
}
