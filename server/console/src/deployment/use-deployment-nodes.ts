import { useEffect, useMemo, useState } from 'react';
import type { Node } from '@launchlog/sdk';
import { NODE_LIST_MAX } from '@launchlog/shared/node';
import { useNodes } from '../node/nodes-store.js';
import { useClient } from '../session/client.js';
import { useSession } from '../session/session-store.js';
import { useStore } from '../state/store.js';

interface DeploymentNodes {
  readonly nodes: readonly Node[];
  /** The list has not arrived yet. */
  readonly loading: boolean;
}

const LOADING: DeploymentNodes = { nodes: [], loading: true };

/** The nodes of a deployment. Those too old for the live list are shown as they were when the page was opened. */
export function useDeploymentNodes(deploymentId: string): DeploymentNodes {
  const store = useNodes();
  const client = useClient();
  const session = useSession();
  const { nodes: listed } = useStore(store.store);
  const [fetched, setFetched] = useState(LOADING);
  useEffect(() => {
    let gone = false;
    client.listNodes({ deploymentId, limit: NODE_LIST_MAX }).then(
      ({ nodes }) => !gone && setFetched({ nodes, loading: false }),
      (error: unknown) => {
        session.noticeRefusal(error);
        if (!gone) setFetched({ nodes: [], loading: false });
      },
    );
    return () => {
      gone = true;
    };
  }, [client, session, deploymentId]);
  const nodes = useMemo(() => {
    const live = listed.filter((node) => node.deploymentId === deploymentId);
    const known = new Set(live.map((node) => node.id));
    return [...live, ...fetched.nodes.filter((node) => !known.has(node.id))];
  }, [listed, fetched, deploymentId]);
  return { nodes, loading: fetched.loading };
}
