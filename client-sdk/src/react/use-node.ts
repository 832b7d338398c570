import { useEffect } from 'react';
import type { Node } from '@launchlog/shared/node';
import { useLaunchlogClient, useProvidedPool } from './client-context.js';
import { isMissingNode, NodePool, type NodePoolState } from './node-pool.js';
import { runElsewhere, useSharedSource, type LiveSource } from './shared-source.js';
import { useReportedError, type HookOptions } from './use-nodes.js';

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

/** A watch needs a window; what is looked for is asked for by name. */
const WINDOW = 1;
/** A suspended component runs no effects, so no effect keeps its node wanted. */
const SUSPENDED_MS = 30_000;

/**
 * One node by id or cluster name, live. Undefined as a name asks for nothing: `useNode(result?.node.id)`. All components share
 * one watch, however many nodes they show: the provider's `nodePool`, or else one of their own.
 */
export function useNode(name: string | undefined, options: HookOptions = {}): LiveNode {
  const client = useLaunchlogClient(options.client);
  const provided = useProvidedPool(client);
  const [state, source] = useSharedSource<NodePoolState, WantedNodes>({
    owner: provided ?? client,
    key: 'node',
    create: () => (provided === undefined ? new NodePool({ client, limit: WINDOW }) : ofApp(provided)),
    isWaiting:
      options.suspense === true && name !== undefined
        ? (present) => liveNode(name, present).isLoading
        : undefined,
    onSuspend: (nodes) => void setTimeout(nodes.want(name ?? ''), SUSPENDED_MS),
  });
  useEffect(() => (name === undefined ? undefined : source.want(name)), [source, name]);
  const live = name === undefined ? NOTHING : liveNode(name, state);
  useReportedError(live.error, options.onError);
  return live;
}

type WantedNodes = LiveSource<NodePoolState> & Pick<NodePool, 'want'>;

/** The app starts and stops a pool of its own. */
function ofApp(pool: NodePool): WantedNodes {
  return { ...runElsewhere(pool), want: (name) => pool.want(name) };
}

const NOTHING: LiveNode = { isLoading: false, node: undefined, isMissing: false, error: undefined };

function liveNode(name: string, { nodes, error: problem, refusals }: NodePoolState): LiveNode {
  const node = nodes.find(({ id, clusterName }) => id === name || clusterName === name);
  const own = node === undefined ? refusals.get(name) : undefined;
  const isMissing = isMissingNode(own);
  const error = isMissing ? undefined : (problem ?? own);
  return { isLoading: node === undefined && !isMissing && error === undefined, node, isMissing, error };
}
