import type { FollowOptions } from '../follow-options.js';
import type { LaunchlogClient } from '../launchlog-client.js';
import { useLaunchlogClient } from './client-context.js';
import { NodeLog, type NodeLogState } from './node-log.js';
import { runElsewhere, useSharedSource, type LiveSource } from './shared-source.js';
import { useReportedError, type HookOptions } from './use-nodes.js';

/** Filters, where to start, and how much is held. */
export interface NodeLogOptions extends Omit<FollowOptions, 'signal' | 'connectionEvents'>, HookOptions {
  /** The most entries that are held, the newest ones. Default 10,000. */
  readonly maxEntries?: number | undefined;
}

const ENTRIES_MAX = 10_000;

/**
 * The log of a node: history (`tail`: 100 by default, or `'all'`), then each new entry, across lost connections. Undefined as an id follows
 * nothing. Components that follow the same log with the same options share one stream.
 */
export function useNodeLog(nodeId: string | undefined, options: NodeLogOptions = {}): NodeLogState {
  const { client: given, onError, suspense, maxEntries = ENTRIES_MAX, ...query } = options;
  const client = useLaunchlogClient(given);
  const asked = JSON.stringify([maxEntries, query]);
  const [state] = useSharedSource<NodeLogState>({
    owner: client,
    key: nodeId === undefined ? 'no log' : `log ${nodeId} ${asked}`,
    create: () => logOf(client, nodeId, { query, max: maxEntries }),
    isWaiting: suspense === true && nodeId !== undefined ? isConnecting : undefined,
  });
  useReportedError(state.error, onError);
  return state;
}

function logOf(
  client: LaunchlogClient,
  nodeId: string | undefined,
  { query, max }: Pick<ConstructorParameters<typeof NodeLog>[0], 'query' | 'max'>,
): LiveSource<NodeLogState> {
  const log = new NodeLog({ client, nodeId: nodeId ?? '', query, max });
  return nodeId === undefined ? runElsewhere(log) : log;
}

function isConnecting({ connection, entries }: NodeLogState): boolean {
  return connection === 'connecting' && entries.length === 0;
}
