import { Cluster, Redis } from 'ioredis';
import type { Logger } from '../logger.js';
import { backoffMs } from '../wait/backoff.js';
import { PendingReplies } from './pending-replies.js';
import type { RedisAddress, RedisTarget } from './redis-url.js';

/** How long one command may take before its outcome counts as unknown. */
const COMMAND_TIMEOUT_MS = 3_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** Silence on a connection that waits for an answer: it is half-open, and is made anew. */
const SOCKET_TIMEOUT_MS = 5_000;
/** With jitter, so that many processes do not reconnect at the same moment. */
const RECONNECT = { firstMs: 100, maxMs: 2_000, random: Math.random };

/**
 * One Redis, single, behind Sentinel or a Cluster: a connection for commands, and new ones for subscribers.
 * A command fails as soon as its connection does, and is never sent a second time behind the caller's back.
 */
export class RedisConnection {
  readonly commands: Redis | Cluster;
  readonly #target: RedisTarget;
  readonly #logger: Logger | undefined;
  readonly #pending = new PendingReplies();
  #runId = '';
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

  /** Identifies the server process behind the commands; '' where that is not known, and always in a Cluster. */
  get runId(): string {
    return this.#runId;
  }

  /** Resolves when commands can be sent; a server that is away is waited for until `signal`. */
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

  /** Runs a command; rejects when the connection is lost before the answer, which then may or may not have run. */
  call<Reply>(command: (redis: Redis | Cluster) => Promise<Reply>): Promise<Reply> {
    return this.#pending.race(command(this.commands));
  }

  /** A connection of its own, not yet connected, which does not reconnect: whoever has it must notice and open a new one. */
  openSubscriber(): Redis {
    const options = { ...this.#redisOptions(), retryStrategy: () => null, lazyConnect: true };
    const target = this.#target;
    switch (target.kind) {
      case 'single':
        return new Redis({ ...options, host: target.host, port: target.port, db: target.db });
      case 'sentinel':
        return new Redis({ ...options, ...sentinelOptions(target), sentinelRetryStrategy: () => null });
      case 'cluster': {
        // A plain PUBLISH reaches every node; another node each time, so that one cut off from the rest is left behind.
        const nodes = this.#knownNodes(target.nodes);
        const node = nodes[this.#nextNode++ % nodes.length];
        return new Redis({ ...options, ...node });
      }
    }
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
      // What was in flight when the connection broke may have run: the caller decides, not the client.
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      // A master that became a replica answers READONLY: look for the new one.
      reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    };
  }

  #knownNodes(seeds: readonly RedisAddress[]): readonly RedisAddress[] {
    if (!(this.commands instanceof Cluster)) return seeds;
    const known = this.commands.nodes('all').flatMap(({ options: { host, port } }) => {
      return host === undefined || port === undefined ? [] : [{ host, port }];
    });
    return known.length > 0 ? known : seeds;
  }

  /** Learns which server answers, and warns of one that may throw logs away. */
  async #inspect(): Promise<void> {
    this.#lastError = '';
    this.#logger?.info('connected to Redis');
    try {
      const info = await this.commands.info();
      this.#runId = this.#target.kind === 'cluster' ? '' : (/run_id:(\w+)/.exec(info)?.[1] ?? '');
      const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1];
      if (policy !== undefined && policy !== 'noeviction') {
        this.#logger?.warn({ policy }, 'Redis may evict logs: set maxmemory-policy to noeviction');
      }
    } catch {
      this.#runId = ''; // INFO may be forbidden; nothing depends on it but better answers
    }
  }

  /** Reconnecting repeats the same error many times: each is said once. */
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
