import { useEffect, useState } from 'react';
import type { Node } from '@launchlog/shared/node';
import { isLaunchlogError } from '../error/launchlog-api-error.js';
import type { LaunchlogClient } from '../launchlog-client.js';
import { useLaunchlogClient } from './client-context.js';
import { NodePool, type NodePoolState } from './node-pool.js';
import { useSharedSource, type LiveSource } from './shared-source.js';
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

/**
 * One node by id or cluster name, live. Undefined as a name asks for nothing: `useNode(result?.node.id)`. All components share
 * one watch, however many nodes they show.
 */
export function useNode(name: string | undefined, options: Omit<HookOptions, 'suspense'> = {}): LiveNode {
  const client = useLaunchlogClient(options.client);
  const [state, source] = useSharedSource<NodePoolState>({
    client,
    key: 'node',
    create: () => new WantedNodes(client),
  });
  const [problem, setProblem] = useState<{ readonly name: string; readonly error: unknown }>();
  const pool = source as WantedNodes;
  useEffect(
    () => (name === undefined ? undefined : pool.want(name, (error) => setProblem({ name, error }))),
    [pool, name],
  );
  const node = state.nodes.find(({ id, clusterName }) => id === name || clusterName === name);
  const own = problem?.name === name ? problem?.error : undefined;
  const isMissing = node === undefined && isLaunchlogError(own) && own.status === NOT_FOUND;
  const error =
    isMissing || name === undefined ? undefined : (state.error ?? (node === undefined ? own : undefined));
  useReportedError(error, options.onError);
  const isLoading = name !== undefined && node === undefined && !isMissing && error === undefined;
  return { isLoading, node: name === undefined ? undefined : node, isMissing, error };
}

const NOT_FOUND = 404;
/** A watch needs a window; what is looked for is asked for by name. */
const WINDOW = 1;

class WantedNodes implements LiveSource<NodePoolState> {
  readonly #pool: NodePool;
  readonly #client: LaunchlogClient;

  constructor(client: LaunchlogClient) {
    this.#client = client;
    this.#pool = new NodePool({ client, limit: WINDOW });
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#pool.subscribe(listener);
  readonly getSnapshot = (): NodePoolState => this.#pool.getSnapshot();

  start(): void {
    this.#pool.start();
  }

  stop(): void {
    this.#pool.stop();
  }

  /** Reads the node, and keeps it up to date until the returned function is called. */
  want(name: string, onError: (error: unknown) => void): () => void {
    const release = this.#pool.want(name);
    const ending = new AbortController();
    this.#client.getNode(name, { signal: ending.signal }).then(
      (node) => this.#pool.put(node),
      (error: unknown) => {
        if (!ending.signal.aborted) onError(error);
      },
    );
    return () => {
      ending.abort();
      release();
    };
  }
}
