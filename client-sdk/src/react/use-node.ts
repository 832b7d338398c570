import { useEffect } from 'react';
import type { Node } from '@launchlog/shared/node';
import { isLaunchlogError } from '../error/launchlog-api-error.js';
import { useLaunchlogClient } from './client-context.js';
import { useSharedSource } from './shared-source.js';
import { useReportedError, type HookOptions } from './use-nodes.js';
import { WantedNodes, type WantedNodesState } from './wanted-nodes.js';

export interface LiveNode {
  /** Neither the node nor an error has arrived. */
  readonly isLoading: boolean;
  /** Undefined while it loads, and where there is no such node. */
  readonly node: Node | undefined;
  /** There is no such node, or this token may not see it. */
  readonly isMissing: boolean;
  /** Why the node may be out of date. The last state stays. */
  readonly error: unknown;
}

/**
 * One node by id or cluster name, live. Undefined as a name asks for nothing: `useNode(result?.node.id)`. All components share
 * one watch, however many nodes they show.
 */
export function useNode(name: string | undefined, options: HookOptions = {}): LiveNode {
  const client = useLaunchlogClient(options.client);
  const [state, source] = useSharedSource<WantedNodesState>({
    client,
    key: 'node',
    create: () => new WantedNodes(client),
    isWaiting:
      options.suspense === true && name !== undefined
        ? (present) => liveNode(name, present).isLoading
        : undefined,
    onSuspend: (suspended) => (suspended as WantedNodes).keep(name ?? ''),
  });
  const nodes = source as WantedNodes;
  useEffect(() => (name === undefined ? undefined : nodes.want(name)), [nodes, name]);
  const live = name === undefined ? NOTHING : liveNode(name, state);
  useReportedError(live.error, options.onError);
  return live;
}

const NOT_FOUND = 404;
const NOTHING: LiveNode = { isLoading: false, node: undefined, isMissing: false, error: undefined };

function liveNode(name: string, { nodes, error: problem, refusals }: WantedNodesState): LiveNode {
  const node = nodes.find(({ id, clusterName }) => id === name || clusterName === name);
  const own = node === undefined ? refusals.get(name) : undefined;
  const isMissing = isLaunchlogError(own) && own.status === NOT_FOUND;
  const error = isMissing ? undefined : (problem ?? own);
  return { isLoading: node === undefined && !isMissing && error === undefined, node, isMissing, error };
}
