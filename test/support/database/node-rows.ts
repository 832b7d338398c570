import { systemClock } from '@launchlog/server/clock';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { SqlLeaseStore } from '@launchlog/server/node/sql-lease-store';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { FailureReason, NodeStatus } from '@launchlog/shared/node';
import { launchRequest, newNode } from '../sample/new-node.js';

/** A node as a launch stores it; its id. */
export async function insertNode(
  database: SqlDatabase,
  request: Partial<LaunchRequestInput> = {},
): Promise<string> {
  const node = newNode({ request: launchRequest(request) });
  const reply = await new SqlNodeStore({ database, clock: systemClock }).create(node);
  if (reply.kind !== 'created') throw new Error(reply.kind);
  return node.id;
}

interface NodeEnd {
  readonly failureReason?: FailureReason;
  readonly failureMessage?: string;
  readonly endedMsAgo?: number;
  /** What became of the node since. */
  readonly status?: NodeStatus;
}

/** Ends a launch as its owner does, by the one update that ends it. */
export async function endNode(database: SqlDatabase, id: string, end: NodeEnd = {}): Promise<void> {
  const leases = new SqlLeaseStore({ database, clock: systemClock });
  const [row] = await database.query(
    "update nodes set lease_owner = 'test', attempt = attempt + 1 where id = $1 returning attempt",
    [id],
  );
  const failed = end.failureReason !== undefined;
  const node = await leases.end(
    { nodeId: id, attempt: Number(row?.[0]) },
    {
      status: failed ? 'failed' : 'active',
      phase: failed ? 'failed' : 'active',
      progress: failed ? 30 : 100,
      ...(failed && { failureReason: end.failureReason, failureMessage: end.failureMessage ?? 'It failed.' }),
      ...(!failed && { endpoint: 'http://203.0.113.9:8000' }),
      endedAtMs: Date.now() - (end.endedMsAgo ?? 0),
    },
  );
  if (node === undefined) throw new Error('the launch has another owner');
  if (end.status !== undefined)
    await database.query('update nodes set status = $2 where id = $1', [id, end.status]);
}

export async function stallNode(database: SqlDatabase, id: string): Promise<void> {
  await database.query('update nodes set stalled = true where id = $1', [id]);
}
