import type { LogEntryDraft } from '@launchlog/shared/log-entry';
import type { Node } from '@launchlog/shared/node';
import type { NodeLogWriter } from '@launchlog/server/log/node-log-writer';
import { ServerEdge } from './server-edge.js';
import type { ServerEdgeOptions } from './server-edge.js';
import { BreakableNetwork } from '../network/breakable-network.js';

/** The real edge behind a network that a test can break, with logs that a test writes. */
export class EdgeBehindNetwork {
  readonly edge: ServerEdge;
  readonly network: BreakableNetwork;
  readonly #logs: TestLog[] = [];

  static async start(options: ServerEdgeOptions = {}): Promise<EdgeBehindNetwork> {
    const edge = await ServerEdge.start(options);
    return new EdgeBehindNetwork(edge, await BreakableNetwork.before(edge.url));
  }

  private constructor(edge: ServerEdge, network: BreakableNetwork) {
    this.edge = edge;
    this.network = network;
  }

  get url(): string {
    return this.network.url;
  }

  async addNode(overrides: Partial<Node> = {}): Promise<TestLog> {
    const node = this.edge.launches.add(overrides);
    const log = new TestLog(node, await this.edge.writer(node));
    this.#logs.push(log);
    return log;
  }

  async close(): Promise<void> {
    await this.network.down();
    for (const log of this.#logs) await log.close();
    await this.edge.close();
  }
}

/** Writes `line 1`, `line 2` … into the log of one node. */
export class TestLog {
  readonly node: Node;
  readonly #writer: NodeLogWriter;
  #lines = 0;

  constructor(node: Node, writer: NodeLogWriter) {
    this.node = node;
    this.#writer = writer;
  }

  async append(count: number): Promise<void> {
    for (let added = 0; added < count; added += 1) {
      this.#lines += 1;
      this.#write({ message: `line ${this.#lines}` });
      // The writer's buffer is bounded: let it flush in time.
      if (added % 2_000 === 1_999) await this.#writer.flush();
    }
    await this.#writer.flush();
  }

  async write(message: string): Promise<void> {
    this.#write({ message });
    await this.#writer.flush();
  }

  /** Writes the last entry: the launch has ended. */
  async end(phase: 'active' | 'failed', message: string): Promise<void> {
    const reached = phase === 'active' ? { progress: 100 } : {};
    this.#write({ phase, message, level: phase === 'failed' ? 'error' : 'info', ...reached });
    await this.#writer.flush();
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  #write(draft: Partial<LogEntryDraft>): void {
    const { phase = 'provisioning', progress = 20 } = draft;
    this.#writer.write({ level: 'info', message: '', source: 'simulator', ...draft, phase, progress });
  }
}
