import { RedisServer } from '../support/backing-service/redis-server.js';
import { AppProcess } from '../support/server/app-process.js';
import { Worker } from './calls.js';
import type { ReaderProtocol } from './reader-worker.js';
import { PeerBinary, type Peer } from './rival/peer-binary.js';
import type { RivalKind } from './rival/rival.js';

/** Something that delivers lines to readers. Its server, its writer and its readers are processes of their own. */
export interface Contender {
  readonly name: string;
  readonly pid: number;
  readonly protocol: ReaderProtocol;
  /** Resolves when the lines are on their way, one after another at this pace. */
  write(count: number, perSecond: number): Promise<void>;
}

interface NodeLog {
  readonly nodeId: string;
  readonly writer: Worker;
}

const ENVIRONMENT = {
  ORCHESTRATOR: 'simulated',
  // The first launch never ends and holds the only slot. The others wait, and their logs are left to our writers.
  SIMULATOR_SPEED: '0.0001',
  MAX_RUNNING_LAUNCHES: '1',
  MAX_STREAMS: '20000',
  MAX_CONNECTIONS_PER_ADDRESS: '30000',
  LOG_LEVEL: 'error',
  // All readers come from one address with one token.
  REQUESTS_PER_MINUTE: '10000000',
  REQUESTS_PER_MINUTE_AND_ADDRESS: '10000000',
} as const;

/** How the servers that are measured are started, beside what makes them comparable. */
interface MeasuredServers {
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodeArguments?: readonly string[];
}

/** Our server as it is installed, on a Redis of its own, and its rivals. */
export class BenchRig {
  static async start(servers: MeasuredServers = {}): Promise<BenchRig> {
    const { environment = {}, nodeArguments = [] } = servers;
    const redis = await RedisServer.start();
    try {
      const app = await AppProcess.start(
        { ...ENVIRONMENT, ...environment, REDIS_URL: redis.url },
        nodeArguments,
      );
      const rig = new BenchRig(redis, app, nodeArguments);
      await rig.#launch();
      return rig;
    } catch (error) {
      await redis.stop();
      throw error;
    }
  }

  readonly redis: RedisServer;
  readonly app: AppProcess;
  readonly #workers: Worker[] = [];
  readonly #binaries: PeerBinary[] = [];
  readonly #nodeArguments: readonly string[];

  private constructor(redis: RedisServer, app: AppProcess, nodeArguments: readonly string[]) {
    this.redis = redis;
    this.app = app;
    this.#nodeArguments = nodeArguments;
  }

  /** A node that waits in the queue, and a process that writes its log through Redis as another server would. */
  async openLog(): Promise<NodeLog> {
    const nodeId = await this.#launch();
    return { nodeId, writer: await this.worker('writer-worker', { redisUrl: this.redis.url, nodeId }) };
  }

  ourSse({ nodeId, writer }: NodeLog, tail = 1): Contender {
    const url = `${this.app.url}/admin/nodes/${nodeId}/logs/stream?tail=${tail}`;
    const protocol = { kind: 'get' as const, url, headers: this.#headers };
    return { name: 'Launchlog SSE', pid: this.app.pid, protocol, write: writeThrough(writer) };
  }

  /** One log for each reader: the logs are those that the readers are called to `follow`. */
  everyLog(app = this.app): ReaderProtocol {
    const url = `${app.url}/admin/nodes/{node}/logs/stream?tail=1`;
    return { kind: 'get', url, headers: { 'X-Admin-Token': app.token } };
  }

  /** All logs as one event stream. */
  mergedStream(): ReaderProtocol {
    return { kind: 'get', url: `${this.app.url}/admin/logs/stream?tail=1`, headers: this.#headers };
  }

  /** The same over a WebSocket. */
  mergedSubscription(): ReaderProtocol {
    const params = { path: 'logs.streamAll', input: { json: { tail: 1 } } };
    const first = [JSON.stringify({ id: 1, method: 'subscription', params })];
    const url = `${this.app.url.replace('http', 'ws')}/trpc`;
    return { kind: 'websocket', url, headers: this.#headers, first };
  }

  ourTrpc({ nodeId, writer }: NodeLog, tail = 1): Contender {
    const params = { path: 'nodes.logsStream', input: { json: { nodeId, tail } } };
    const first = [JSON.stringify({ id: 1, method: 'subscription', params })];
    const url = `${this.app.url.replace('http', 'ws')}/trpc`;
    const protocol = { kind: 'websocket' as const, url, headers: this.#headers, first };
    return { name: 'Launchlog tRPC', pid: this.app.pid, protocol, write: writeThrough(writer) };
  }

  async rival(kind: Exclude<RivalKind, 'poller' | 'bare-logs'>): Promise<Contender> {
    const server = await this.worker('rival/rival-worker', { kind, redisUrl: this.redis.url, nodeId: '' });
    const protocol = rivalProtocol(kind, await server.call('port'));
    const write = (count: number, perSecond: number) => server.call<void>('write', { count, perSecond });
    return { name: kind, pid: server.pid, protocol, write };
  }

  /** It sends each line of many logs to the reader of its log. The caller stops it. */
  async bareLogs(): Promise<{ readonly server: Worker; readonly protocol: ReaderProtocol }> {
    const { url: redisUrl } = this.redis;
    const server = await this.worker('rival/rival-worker', { kind: 'bare-logs', redisUrl, nodeId: '' });
    const port = await server.call<number>('port');
    return { server, protocol: { kind: 'get', url: `http://127.0.0.1:${port}/{node}`, headers: {} } };
  }

  /** It reads the list that a writer of ours fills. */
  async poller({ nodeId, writer }: NodeLog): Promise<Contender> {
    const server = await this.worker('rival/rival-worker', {
      kind: 'poller',
      redisUrl: this.redis.url,
      nodeId,
    });
    const protocol = rivalProtocol('poller', await server.call('port'));
    return { name: 'poller', pid: server.pid, protocol, write: writeThrough(writer) };
  }

  /** A server of somebody else, from its binary. */
  async peer(peer: Peer, path: string): Promise<Contender> {
    const binary = await PeerBinary.start(path, peer);
    this.#binaries.push(binary);
    const publisher = await this.worker('publisher-worker', peer.publication(binary.port));
    const write = (count: number, perSecond: number) => publisher.call<void>('write', { count, perSecond });
    return { name: peer.name, pid: binary.pid, protocol: peer.readers(binary.port), write };
  }

  /** Another server on the same Redis. The caller closes it. */
  besides(environment: Readonly<Record<string, string>>): Promise<AppProcess> {
    return AppProcess.start(
      { ...ENVIRONMENT, ...environment, REDIS_URL: this.redis.url },
      this.#nodeArguments,
    );
  }

  async worker(module: string, argument: unknown): Promise<Worker> {
    const execArgv = module === 'rival/rival-worker' ? this.#nodeArguments : [];
    const worker = await Worker.start(module, argument, execArgv);
    this.#workers.push(worker);
    return worker;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await Promise.all(this.#binaries.splice(0).map((binary) => binary.stop()));
    await this.app.down('SIGTERM');
    await this.app.close();
    await this.redis.stop();
  }

  get #headers(): Record<string, string> {
    return { 'X-Admin-Token': this.app.token };
  }

  async #launch(): Promise<string> {
    const body = JSON.stringify({
      provider: 'aws',
      region: 'us-west-2',
      gpu: 'A100',
      model: 'facebook/opt-125m',
    });
    const response = await this.app.fetch('/admin/nodes/launch', { method: 'POST', body });
    if (response.status !== 202) throw new Error(`launch: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { node_id: string }).node_id;
  }
}

/** As superjson writes `undefined`. */
const NO_INPUT = { json: null, meta: { values: ['undefined'] } };

function writeThrough(writer: Worker) {
  return async (count: number, perSecond: number): Promise<void> => {
    await writer.call('write', { count, perSecond });
  };
}

function rivalProtocol(kind: Exclude<RivalKind, 'bare-logs'>, port: number): ReaderProtocol {
  const host = `127.0.0.1:${port}`;
  switch (kind) {
    case 'bare-sse':
    case 'coalescing-sse':
    case 'poller':
      return { kind: 'get', url: `http://${host}/`, headers: {} };
    case 'bare-websocket':
    case 'coalescing-websocket':
      return { kind: 'websocket', url: `ws://${host}/`, headers: {}, first: [] };
    case 'socket-io':
      return {
        kind: 'websocket',
        url: `ws://${host}/socket.io/?EIO=4&transport=websocket`,
        headers: {},
        first: ['40'],
      };
    case 'stock-trpc': {
      const subscribe = { id: 1, method: 'subscription', params: { path: 'logs', input: NO_INPUT } };
      return { kind: 'websocket', url: `ws://${host}/`, headers: {}, first: [JSON.stringify(subscribe)] };
    }
  }
}
