import type { Node } from '@launchlog/shared/node';
import type { LogEntryDraft } from '@launchlog/shared/log-entry';
import type { NodeLogWriter } from '@launchlog/server/log/node-log-writer';
import { CONSOLE_DIR } from './browser.js';
import type { ConsoleAddress } from './console-session.js';
import type { ServerEdgeOptions } from '../server/server-edge.js';
import { ADMIN_TOKEN, ServerEdge } from '../server/server-edge.js';

/** Lines written before a flush, so that the writer never has to drop one. */
const BATCH_LINES = 1_000;

interface WrittenNode {
  readonly node: Node;
  readonly writer: NodeLogWriter;
}

/** The real edge with the console, over nodes and logs that the test creates. */
export class ConsoleEdge {
  readonly edge: ServerEdge;
  readonly address: ConsoleAddress;

  static async start(options: ServerEdgeOptions = {}): Promise<ConsoleEdge> {
    return new ConsoleEdge(await ServerEdge.start({ consoleDir: CONSOLE_DIR, ...options }));
  }

  private constructor(edge: ServerEdge) {
    this.edge = edge;
    this.address = { url: edge.url, token: ADMIN_TOKEN };
  }

  /** Adds a launching node whose log has `lines` lines. */
  async addNode(lines: number, overrides: Partial<Node> = {}): Promise<WrittenNode> {
    const createdAt = new Date(Date.now() - 60_000).toISOString();
    const node = this.edge.launches.add({ createdAt, phaseStartedAt: createdAt, ...overrides });
    const writer = await this.edge.writer(node);
    for (let line = 1; line <= lines; line += 1) {
      writer.write(draftLine(line));
      if (line % BATCH_LINES === 0) await writer.flush();
    }
    await writer.flush();
    return { node, writer };
  }

  close(): Promise<void> {
    return this.edge.close();
  }
}

/** Every 10th line is a warning, every 25th an error, and every 7th contains `tensor 7`. */
export function draftLine(line: number): LogEntryDraft {
  return {
    level: line % 25 === 0 ? 'error' : line % 10 === 0 ? 'warn' : 'info',
    message: `line ${line} of the log${line % 7 === 0 ? ', tensor 7' : ''}`,
    phase: line < 20 ? 'provisioning' : 'installing',
    source: line % 2 === 0 ? 'instance' : 'skypilot',
  };
}
