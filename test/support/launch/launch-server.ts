import { randomBytes, randomUUID } from 'node:crypto';
import { MIGRATIONS } from '@launchlog/server/app/all-migrations';
import { systemClock } from '@launchlog/server/clock';
import { migrate } from '@launchlog/server/database/migrations';
import { SecretBox } from '@launchlog/server/database/secret-box';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { readConfig } from '@launchlog/server/config';
import { launchLimits } from '@launchlog/server/launch/launch-limits';
import type { LaunchLimits } from '@launchlog/server/launch/launch-limits';
import { LaunchRunner } from '@launchlog/server/launch/launch-runner';
import { LaunchService } from '@launchlog/server/launch/launch-service';
import type { NodeLogStore } from '@launchlog/server/log/log-store';
import { SqlLeaseStore } from '@launchlog/server/node/sql-lease-store';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import type { Orchestrator } from '@launchlog/server/orchestrator/orchestrator';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import { logEntrySchema } from '@launchlog/shared/log-entry';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { Node } from '@launchlog/shared/node';
import { launchRequest } from '../sample/new-node.js';
import { eventually, WAIT_MS } from '../within.js';

interface LaunchServerOptions {
  readonly database: SqlDatabase;
  readonly logs: NodeLogStore;
  readonly orchestrator: Orchestrator;
  readonly limits?: Partial<LaunchLimits>;
  readonly secretsKey?: Uint8Array;
  readonly name?: string;
}

/** The part of a server that launches: service and runner, on stores that the test owns. */
export class LaunchServer {
  readonly nodes: SqlNodeStore;
  readonly leases: SqlLeaseStore;
  readonly service: LaunchService;
  readonly runner: LaunchRunner;
  readonly ended: Node[] = [];
  readonly problems: string[] = [];
  readonly #logs: NodeLogStore;

  static async start(options: LaunchServerOptions): Promise<LaunchServer> {
    await migrate(options.database, MIGRATIONS);
    const server = new LaunchServer(options);
    server.runner.start();
    return server;
  }

  private constructor(options: LaunchServerOptions) {
    const { database, logs, orchestrator } = options;
    this.#logs = logs;
    this.nodes = new SqlNodeStore({ database, clock: systemClock });
    this.leases = new SqlLeaseStore({ database, clock: systemClock });
    const secretBox = new SecretBox(options.secretsKey ?? randomBytes(32));
    this.runner = new LaunchRunner({
      nodes: this.nodes,
      leases: this.leases,
      logs,
      orchestrator,
      secretBox,
      clock: systemClock,
      workerId: options.name ?? 'test',
      limits: { ...launchLimits(readConfig({})), ...options.limits },
      onEnded: [(node) => void this.ended.push(node)],
      onTerminated: [],
      onProblem: (problem, error) => this.problems.push(`${problem}: ${String(error)}`),
    });
    this.service = new LaunchService({
      nodes: this.nodes,
      secretBox,
      orchestrator: orchestrator.kind,
      clock: systemClock,
      newId: randomUUID,
      wake: () => this.runner.wake(),
    });
  }

  async launch(changes: Partial<LaunchRequestInput> = {}): Promise<Node> {
    return (await this.service.launch(launchRequest(changes), { actor: 'test' })).node;
  }

  /** Resolves with the node as soon as it is as wanted. */
  async waitFor(id: string, wanted: (node: Node) => boolean, timeoutMs = WAIT_MS): Promise<Node> {
    const state = async () =>
      `still ${JSON.stringify(await this.service.get(id))}; ${this.problems.join('; ')}`;
    return eventually(
      state,
      async () => {
        const node = await this.service.get(id);
        return wanted(node) && node;
      },
      timeoutMs,
    );
  }

  async entries(id: string): Promise<LogEntry[]> {
    const slice = await this.#logs.read(id, { from: { afterSeq: 0 }, limit: 10_000 });
    return slice.lines.map((line) => logEntrySchema.parse(JSON.parse(line)));
  }
}
