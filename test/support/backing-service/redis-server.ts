import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../network/free-port.js';
import { eventually } from '../within.js';

/** Another program in its place: of another version, or Valkey. */
const REDIS_SERVER = process.env['COMPAT_REDIS_SERVER'] ?? 'redis-server';

export interface RedisServerOptions {
  /** Keep every write in an append-only file. Without it nothing survives a SIGKILL but what `SAVE` wrote. */
  readonly aof?: boolean;
  /** Further command line arguments, such as `--maxmemory 10mb`. */
  readonly args?: readonly string[];
  readonly mode?: 'server' | 'sentinel';
}

/** A real `redis-server` of one's own: on a free port, in a temporary directory, gone with `stop`. */
export class RedisServer {
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const directory = await mkdtemp(join(tmpdir(), 'launchlog-redis-'));
    const server = new RedisServer(await redisPort(), directory, options);
    await server.launch();
    return server;
  }

  readonly port: number;
  readonly directory: string;
  readonly #options: RedisServerOptions;
  #process: ChildProcess | undefined;

  private constructor(port: number, directory: string, options: RedisServerOptions) {
    this.port = port;
    this.directory = directory;
    this.#options = options;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('redis-server does not run');
    return pid;
  }

  /** Starts it again, on the same port, with what its directory holds. */
  async launch(): Promise<void> {
    this.#process = spawn(REDIS_SERVER, await this.#arguments(), { stdio: 'ignore' });
    // A test that dies must not leave it running.
    process.once('exit', this.#killNow);
    await this.#answering();
  }

  /** Runs commands over a connection that is closed again. */
  async with<Result>(work: (redis: Redis) => Promise<Result>): Promise<Result> {
    const redis = new Redis({ host: '127.0.0.1', port: this.port, retryStrategy: () => null });
    redis.on('error', () => undefined);
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  /** As a crash does it. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Answers nothing from now on, and drops no connection. */
  freeze(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** A crash after which nothing of the data is left. */
  async killWithData(): Promise<void> {
    await this.kill();
    for (const name of ['dump.rdb', 'appendonlydir']) {
      await rm(join(this.directory, name), { recursive: true, force: true });
    }
  }

  async stop(): Promise<void> {
    await this.#end('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }

  async #arguments(): Promise<string[]> {
    const { aof = false, args = [], mode = 'server' } = this.#options;
    const common = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.directory];
    if (mode === 'sentinel') {
      const file = join(this.directory, 'sentinel.conf');
      await writeFile(file, '', { flag: 'a' }); // a sentinel keeps what it learns in its configuration
      return [file, '--sentinel', ...common, ...args];
    }
    const persistence = ['--save', '', '--appendonly', aof ? 'yes' : 'no'];
    return [...common, ...persistence, ...args];
  }

  readonly #killNow = () => this.#process?.kill('SIGKILL');

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    process.off('exit', this.#killNow);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async #answering(): Promise<void> {
    await eventually('the start of redis-server; is it installed?', async () => {
      const answer = await this.with((redis) => redis.ping()).catch(() => undefined);
      return answer === 'PONG';
    });
  }
}

/** Nobody else is likely to get the same one right after. Cluster nodes need port + 10000. */
async function redisPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port < 55_000) return port;
  }
}
