import { Cluster, Redis } from 'ioredis';
import type { Logger } from '../logger.js';
import { backoffMs } from '../wait/backoff.js';
import { PendingReplies } from './pending-replies.js';
import type { RedisAddress, RedisTarget } from './redis-url.js';

/** How long a command may take before its outcome is considered unknown. */
const COMMAND_TIMEOUT_MS = 3_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** After this much silence while an answer is outstanding, the connection is considered half-open and is replaced. */
const SOCKET_TIMEOUT_MS = 5_000;
/** How many writes a replica may refuse before the connection is replaced. */
const READ_ONLY_ANSWERS_BORNE = 10;
/** With jitter, so that many processes do not reconnect at the same moment. */
const RECONNECT = { firstMs: 100, maxMs: 2_000, random: Math.random };

/**
 * One Redis: a single server, one behind Sentinel, or a Cluster. It has one connection for commands and opens more for
 * subscribers. A command fails as soon as its connection does, and is never sent twice without the caller's knowledge.
 */
export class RedisConnection {
  readonly commands: Redis | Cluster;
  readonly #target: RedisTarget;
  readonly #logger: Logger | undefined;
  readonly #pending = new PendingReplies();
  #sharded: Promise<boolean> | undefined;
  #runId = '';
  #isReplica = false;
  #readOnlyAnswers = 0;
  #lastError = '';
  #nextNode = 0;
  #closed = false;

  constructor(target: RedisTarget, logger?: Logger) {
    this.#target = target;
    this.#logger = logger;
    this.commands = this.#openCommands();
    this.commands.on('error', (error: Error) => this.#reportError(error));
    this.commands.on('close', () => this.#pending.onLost());
    this.commands.on('ready', () => void this.#inspect());
  }

  /** Identifies the server process that runs the commands. Empty if that is unknown, and always in a Cluster. */
  get runId(): string {
    return this.#runId;
  }

  /** Resolves once commands can be sent. Waits for an unavailable server until the signal is aborted. */
  async ready(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.commands.status === 'ready') return;
    await new Promise<void>((resolve, reject) => {
      const onReady = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = () => {
        this.commands.off('ready', onReady);
        reject(signal?.reason as Error);
      };
      this.commands.once('ready', onReady);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Resolves at the first sign of the server, or of its absence. */
  async met(): Promise<void> {
    if (this.commands.status === 'ready') return;
    await new Promise<void>((resolve) => {
      const onMet = () => {
        this.commands.off('ready', onMet);
        this.commands.off('error', onMet);
        resolve();
      };
      this.commands.on('ready', onMet);
      this.commands.on('error', onMet);
    });
  }

  /** Runs a command. Rejects if the connection is lost before the answer; the command may or may not have run. */
  call<Reply>(command: (redis: Redis | Cluster) => Promise<Reply>): Promise<Reply> {
    return this.#pending.race(command(this.commands));
  }

  /** A separate client, not yet connected. It does not reconnect: its owner must notice a loss and open a new one. */
  openSubscriber(): Redis {
    const options = this.#subscriberOptions();
    const target = this.#target;
    switch (target.kind) {
      case 'single':
        return new Redis({ ...options, host: target.host, port: target.port, db: target.db });
      case 'sentinel':
        return new Redis({ ...options, ...sentinelOptions(target), sentinelRetryStrategy: () => null });
      case 'cluster': {
        // Any node will do, since a plain PUBLISH reaches all. Takes another one each time, so that an isolated node is not
        // used forever.
        const nodes = this.#knownNodes(target.nodes);
        const node = nodes[this.#nextNode++ % nodes.length];
        return new Redis({ ...options, ...node });
      }
    }
  }

  /** A separate client of one node of a Cluster (`host:port`), as `openSubscriber` returns it. */
  openShardSubscriber(address: string): Redis {
    const at = address.lastIndexOf(':');
    const node = { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
    return new Redis({ ...this.#subscriberOptions(), ...node });
  }

  /**
   * Whether channels belong to slots, so that what is published reaches one node only: in a Cluster of Redis 7 or later. All
   * servers of one Cluster find the same.
   */
  isSharded(): Promise<boolean> {
    if (!(this.commands instanceof Cluster)) return Promise.resolve(false);
    this.#sharded ??= this.call((redis) => redis.command('INFO', 'spublish')).then(
      (known) => Array.isArray(known) && Array.isArray(known[0]),
      (error: unknown) => {
        // A missing right is final; after any other failure it is asked again.
        if (error instanceof Error && error.name === 'ReplyError') return false;
        this.#sharded = undefined;
        throw error;
      },
    );
    return this.#sharded;
  }

  /** The node of a Cluster that holds the slot of a channel, as far as is known. */
  async ownerOf(channel: string): Promise<string> {
    if (!(this.commands instanceof Cluster)) throw new Error('not a Cluster');
    const { slots } = this.commands;
    const slot = await this.call((redis) => redis.cluster('KEYSLOT', channel));
    const owner = slots[slot]?.[0];
    if (owner === undefined) throw new Error('no node of the Cluster holds the slot');
    return owner;
  }

  /** Asks the Cluster which node holds which slot. */
  async refreshSlots(): Promise<void> {
    const { commands } = this;
    if (!(commands instanceof Cluster)) return;
    await new Promise<void>((resolve) => commands.refreshSlotsCache(() => resolve()));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.commands.disconnect();
    this.#pending.onLost();
    await Promise.resolve();
  }

  #openCommands(): Redis | Cluster {
    const target = this.#target;
    const options = this.#redisOptions();
    switch (target.kind) {
      case 'single':
        return new Redis({
          ...options,
          host: target.host,
          port: target.port,
          db: target.db,
          retryStrategy: reconnectDelayMs,
        });
      case 'sentinel':
        return new Redis({
          ...options,
          ...sentinelOptions(target),
          retryStrategy: reconnectDelayMs,
          sentinelRetryStrategy: reconnectDelayMs,
        });
      case 'cluster':
        return new Cluster([...target.nodes], {
          redisOptions: options,
          clusterRetryStrategy: reconnectDelayMs,
          slotsRefreshTimeout: COMMAND_TIMEOUT_MS,
          maxRedirections: 5,
        });
    }
  }

  #redisOptions() {
    const { username, password, tls } = this.#target;
    return {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls ? { tls: {} } : {}),
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      // A command in flight when the connection broke may have run. The caller decides what to do, not the client.
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      reconnectOnError: (error: Error) => /\bREADONLY\b/.test(error.message) && this.#looksForPrimary(),
    };
  }

  #subscriberOptions() {
    return { ...this.#redisOptions(), retryStrategy: () => null, lazyConnect: true };
  }

  /**
   * A primary that became a replica answers READONLY: the address may lead to the new one. Where it led to a replica
   * again, readers are served better by a connection that stays.
   */
  #looksForPrimary(): boolean {
    if (!this.#isReplica) return true;
    this.#readOnlyAnswers += 1;
    return this.#readOnlyAnswers % READ_ONLY_ANSWERS_BORNE === 0;
  }

  #knownNodes(seeds: readonly RedisAddress[]): readonly RedisAddress[] {
    if (!(this.commands instanceof Cluster)) return seeds;
    const known = this.commands.nodes('all').flatMap(({ options: { host, port } }) => {
      return host === undefined || port === undefined ? [] : [{ host, port }];
    });
    return known.length > 0 ? known : seeds;
  }

  /** Finds out which server answers, and warns if it may evict logs. */
  async #inspect(): Promise<void> {
    this.#lastError = '';
    this.#logger?.info('connected to Redis');
    try {
      const info = await this.commands.info();
      this.#runId = this.#target.kind === 'cluster' ? '' : (/run_id:(\w+)/.exec(info)?.[1] ?? '');
      this.#isReplica = this.#target.kind !== 'cluster' && /^role:slave/m.test(info);
      const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1];
      if (policy !== undefined && policy !== 'noeviction') {
        this.#logger?.warn({ policy }, 'Redis may evict logs: set maxmemory-policy to noeviction');
      }
    } catch {
      this.#runId = ''; // INFO may be forbidden; only the quality of some answers depends on it
    }
  }

  /** Reconnecting repeats the same error many times. Each one is logged once. */
  #reportError(error: Error): void {
    if (error.message === this.#lastError) return;
    this.#lastError = error.message;
    this.#logger?.warn({ error: error.message }, 'Redis cannot be reached');
  }
}

function sentinelOptions(target: Extract<RedisTarget, { kind: 'sentinel' }>) {
  const { sentinels, master, sentinelUsername, sentinelPassword, tls, db } = target;
  return {
    sentinels: [...sentinels],
    name: master,
    db,
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
  };
}

function reconnectDelayMs(attempt: number): number {
  return backoffMs(RECONNECT, attempt);
}
