import { afterAll, beforeAll, beforeEach } from 'vitest';
import { MIGRATIONS } from '@launchlog/server/app/all-migrations';
import { systemClock } from '@launchlog/server/clock';
import { migrate } from '@launchlog/server/database/migrations';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import type { ClaimRequest } from '@launchlog/server/node/lease-store';
import { SqlLeaseStore } from '@launchlog/server/node/sql-lease-store';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import type { Node } from '@launchlog/shared/node';
import { newNode } from '../sample/new-node.js';
import type { OpenDatabase } from './node-databases.js';

export const CLAIM: ClaimRequest = {
  owner: 'worker-1',
  leaseMs: 60_000,
  maxRunning: 8,
  orchestrator: 'simulated',
  secretsKeyId: 'key-1',
};

/** The registry and its leases on one database; every test of the suite begins without nodes. */
export class NodeRegistry {
  #opened: OpenRegistry | undefined;

  /** To be made where a suite is described. */
  constructor(open: () => Promise<OpenDatabase>) {
    beforeAll(async () => {
      const { database, stop } = await open();
      // Three servers that start at once.
      await Promise.all([1, 2, 3].map(() => migrate(database, MIGRATIONS)));
      const on = { database, clock: systemClock };
      this.#opened = { database, stop, nodes: new SqlNodeStore(on), leases: new SqlLeaseStore(on) };
    });
    afterAll(() => this.#opened?.stop());
    beforeEach(() => this.database.script('truncate nodes'));
  }

  get database(): SqlDatabase {
    return this.#open.database;
  }

  get nodes(): SqlNodeStore {
    return this.#open.nodes;
  }

  get leases(): SqlLeaseStore {
    return this.#open.leases;
  }

  async create(changes: Parameters<typeof newNode>[0] = {}): Promise<Node> {
    const reply = await this.nodes.create(newNode(changes));
    if (reply.kind !== 'created') throw new Error(reply.kind);
    return reply.node;
  }

  get #open(): OpenRegistry {
    if (this.#opened === undefined) throw new Error('the suite has not begun');
    return this.#opened;
  }
}

interface OpenRegistry extends OpenDatabase {
  readonly nodes: SqlNodeStore;
  readonly leases: SqlLeaseStore;
}
