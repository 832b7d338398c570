import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Clock } from '../clock.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { NodeSnapshot } from '../feed/node-feed.js';
import type { LaunchService } from '../launch/launch-service.js';
import { nodeSnapshotOf } from '../launch/node-snapshot.js';
import { SqlChangeStore } from '../node/sql-change-store.js';

/** The questions of the feed about nodes. */
export function nodeRegistry(launches: LaunchService, database: SqlDatabase, clock: Clock) {
  const changes = new SqlChangeStore({ database, clock });
  return {
    nodeSnapshot: (id: string) => snapshot(launches, id),
    endedNodes: (ids: readonly string[]) => changes.endedAmong(ids),
  };
}

async function snapshot(launches: LaunchService, id: string): Promise<NodeSnapshot | undefined> {
  try {
    return nodeSnapshotOf(await launches.get(id));
  } catch (error) {
    if (error instanceof LaunchlogError && error.code === 'node_not_found') return undefined;
    throw error;
  }
}
