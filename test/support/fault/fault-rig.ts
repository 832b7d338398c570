import { appendFileSync } from 'node:fs';
import { systemClock } from '@launchlog/server/clock';
import type { LogLimits, NodeLogStore } from '@launchlog/server/log/log-store';
import { NodeLogWriter } from '@launchlog/server/log/node-log-writer';
import { RedisServer, type RedisServerOptions } from '../backing-service/redis-server.js';
import { openRedisLogStore } from '../log/log-rigs.js';
import { writeLine } from '../log/write-line.js';
import { AppProcess } from '../server/app-process.js';
import type { FleetTarget } from './fleet-reader.js';
import { ReaderFleet, type FleetTally } from './reader-fleet.js';

const SCALE = Number(process.env['LAUNCHLOG_FAULT_SCALE'] ?? 0.4);
/** How many readers, lines or rounds a run has; the number is that of the table in `docs/reliability.md`. */
export const faultScale = (count: number): number => Math.ceil(count * SCALE);
/** Where each run leaves its row of the table, when asked. */
const TABLE_FILE = process.env['LAUNCHLOG_FAULT_TABLE'];
/** Above any that the servers give: they leave the log to the test's writer. */
const ATTEMPT = 1_000;
/** All readers come from one address with one token, and while a server fails they ask again and again. */
const NO_LIMITS = {
  REQUESTS_PER_MINUTE: '10000000',
  REQUESTS_PER_MINUTE_AND_ADDRESS: '10000000',
  LAUNCHES_PER_MINUTE: '100000',
};
const HOUR_MS = 3_600_000;
const LIMITS: LogLimits = { maxEntries: 10_000, maxBytes: 8_388_608, ttlMs: HOUR_MS, metaTtlMs: 2 * HOUR_MS };

/** A real Redis, real servers, a launch whose log a process beside them writes, and readers. All gone with `close`. */
export class FaultRig {
  static async start(
    options: {
      redis?: RedisServerOptions;
      environment?: Readonly<Record<string, string>>;
      nodeArguments?: readonly string[];
    } = {},
  ): Promise<FaultRig> {
    const rig = new FaultRig(await RedisServer.start(options.redis ?? { aof: true }), options);
    await rig.addServer();
    return rig;
  }

  readonly redis: RedisServer;
  readonly servers: AppProcess[] = [];
  readonly #options: {
    environment?: Readonly<Record<string, string>>;
    nodeArguments?: readonly string[];
  };
  readonly #closing: (() => unknown)[] = [];

  private constructor(redis: RedisServer, options: { environment?: Readonly<Record<string, string>> }) {
    this.redis = redis;
    this.#options = options;
  }

  get app(): AppProcess {
    const [app] = this.servers;
    if (app === undefined) throw new Error('no server');
    return app;
  }

  async addServer(): Promise<AppProcess> {
    const { environment, nodeArguments } = this.#options;
    const app = await AppProcess.start(
      { REDIS_URL: this.redis.url, LOG_LEVEL: 'error', ...NO_LIMITS, ...environment },
      nodeArguments,
    );
    this.servers.push(app);
    return app;
  }

  /** A launch by the simulator. */
  async launch(scenario = 'success'): Promise<string> {
    const request = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'facebook/opt-125m' };
    const body = JSON.stringify({ ...request, simulator_scenario: scenario });
    const response = await this.app.fetch('/admin/nodes/launch', { method: 'POST', body });
    if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
    return ((await response.json()) as { node_id: string }).node_id;
  }

  /** A launch that waits in the queue while another never ends: its log is the test's to write, as another server would. */
  async openLog(limits: Partial<LogLimits> = {}): Promise<WrittenLog> {
    const nodeId = await this.launch();
    const store = await openRedisLogStore(this.redis.url, { ...LIMITS, ...limits });
    const writer = await NodeLogWriter.claim({ store, clock: systemClock, nodeId, attempt: ATTEMPT });
    this.#closing.push(() => writer.close().then(() => store.close()));
    return new WrittenLog(nodeId, store, writer);
  }

  fleet(count: number, nodeId: string): ReaderFleet {
    const target = (connects: number, reader: number): FleetTarget => {
      const app = this.servers[(connects + reader) % this.servers.length] ?? this.app;
      return { url: app.url, token: app.token, nodeId };
    };
    const fleet = new ReaderFleet(count, target);
    this.#closing.push(() => fleet.stop());
    return fleet;
  }

  async close(): Promise<void> {
    for (const close of this.#closing.reverse()) await close();
    for (const app of this.servers) await app.close();
    await this.redis.stop();
  }
}

/** Servers where one launch holds the only slot forever, and all others wait. */
export const WAITING = { SIMULATOR_SPEED: '0.0001', MAX_RUNNING_LAUNCHES: '1' } as const;

class WrittenLog {
  readonly nodeId: string;
  readonly store: NodeLogStore;
  readonly writer: NodeLogWriter;
  written = 0;

  constructor(nodeId: string, store: NodeLogStore, writer: NodeLogWriter) {
    this.nodeId = nodeId;
    this.store = store;
    this.writer = writer;
  }

  write(lines: number): void {
    for (let line = 0; line < lines; line += 1) {
      this.written += 1;
      writeLine(this.writer, `line ${this.written}`, { phase: 'provisioning', source: 'orchestrator' });
    }
  }

  /** A few lines at a time, as a launch writes them. */
  async trickle(lines: number, everyMs = 5): Promise<void> {
    for (let left = lines; left > 0; left -= 5) {
      this.write(Math.min(5, left));
      await systemClock.sleep(everyMs);
    }
  }

  finish(): void {
    this.written += 1;
    writeLine(this.writer, 'the end', { phase: 'active', source: 'orchestrator', progress: 100 });
  }
}

/** Leaves a row for the table of the documentation. */
export function recordRun(fault: string, appended: number, tally: FleetTally): void {
  if (TABLE_FILE === undefined) return;
  const { readers, delivered, lost, repeated, unannounced, resets, gaps } = tally;
  const numbers = [readers, appended, delivered, lost, repeated, resets, gaps, unannounced];
  const cells = numbers.map((number) => number.toLocaleString('en-US'));
  appendFileSync(TABLE_FILE, `| ${fault} | ${cells.join(' | ')} |\n`);
}
