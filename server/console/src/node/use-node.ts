import { useEffect, useState } from 'react';
import type { Node } from '@launchlog/sdk';
import { LaunchlogApiError } from '@launchlog/sdk';
import { useClient } from '../session/client.js';
import { useStore } from '../state/store.js';
import { useNodes } from './nodes-store.js';

type FoundNode =
  | { readonly kind: 'loading' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'found'; readonly node: Node };

/** One node by id or cluster name, with live updates. */
export function useNode(name: string): FoundNode {
  const nodes = useNodes();
  const client = useClient();
  const { nodes: listed } = useStore(nodes.store);
  const [missing, setMissing] = useState(false);
  const node = listed.find((other) => other.id === name || other.clusterName === name);
  useEffect(() => nodes.want(name), [nodes, name]);
  useEffect(() => {
    let gone = false;
    client.getNode(name).then(
      (answer) => {
        if (!gone) nodes.put(answer);
      },
      (error: unknown) => {
        const unknownNode =
          error instanceof LaunchlogApiError &&
          (error.code === 'node_not_found' || error.code === 'invalid_request');
        if (!gone && unknownNode) setMissing(true);
      },
    );
    return () => {
      gone = true;
    };
  }, [client, nodes, name]);
  if (node !== undefined) return { kind: 'found', node };
  return missing ? { kind: 'missing' } : { kind: 'loading' };
}
