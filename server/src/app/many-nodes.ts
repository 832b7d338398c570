import type { Clock } from '../clock.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { LogFeed } from '../feed/log-feed.js';
import type { NodeLogStore } from '../log/log-store.js';
import { MergedFeed } from '../merged-feed/merged-feed.js';
import { NodeMembers } from '../node/node-members.js';
import { NodeEventFeed } from '../node/event/node-event-feed.js';
import { SqlNodeEventStore } from '../node/event/sql-node-event-store.js';
import { NodeWatch } from '../node/node-watch.js';
import { SqlChangeStore } from '../node/sql-change-store.js';
import { SqlNodeStore } from '../node/sql-node-store.js';
import type { TraceLink } from '../trace-context.js';

/** Creates the watch of node changes for this process. Nudge it when this process changes a node. */
export function createNodeWatch(database: SqlDatabase, clock: Clock, traceLink?: TraceLink): NodeWatch {
  const on = { database, clock, traceLink };
  return new NodeWatch({ changes: new SqlChangeStore(on), nodes: new SqlNodeStore(on), clock });
}

/** What happened to nodes. */
export function createNodeEvents(
  database: SqlDatabase,
  watch: NodeWatch,
  options: { readonly clock: Clock; readonly maxAgeMs: number },
): NodeEventFeed {
  return new NodeEventFeed({ store: new SqlNodeEventStore(database), watch, ...options });
}

interface MergedFeedParts {
  readonly database: SqlDatabase;
  readonly logs: NodeLogStore;
  readonly feed: LogFeed;
  readonly watch: NodeWatch;
  readonly clock: Clock;
  readonly maxAgeMs: number;
}

export function createMergedFeed(parts: MergedFeedParts): MergedFeed {
  const { database, logs, clock, watch } = parts;
  const changes = new SqlChangeStore({ database, clock });
  const members = new NodeMembers({ changes, watch });
  return new MergedFeed({ ...parts, store: logs, members, random: Math.random });
}
