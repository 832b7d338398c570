import type { Node } from '@launchlog/sdk';
import { STATUS_LABELS } from '@launchlog/sdk';
import { useEffect, useState } from 'react';
import { deploymentPath, nodePath } from '../../router/route.js';
import { useUrl } from '../../router/url-store.js';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { useSession } from '../../session/session-store.js';
import type { PaletteEntry } from './palette-entry.js';

/** The server is asked after a pause of this length in the typing. */
const PAUSE_MS = 120;
const NODES_MAX = 50;
const NODES_SHOWN = 8;
const DEPLOYMENTS_SHOWN = 4;
const TEXT_MAX_CHARACTERS = 200;

/** Nodes and deployments that match, of all that there are: those that run come first. */
export function useFoundNodes(typed: string): readonly PaletteEntry[] {
  const client = useLaunchlogClient();
  const session = useSession();
  const url = useUrl();
  const [nodes, setNodes] = useState<readonly Node[]>([]);
  const q = typed.trim().slice(0, TEXT_MAX_CHARACTERS);
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const query = { sort: 'live', limit: NODES_MAX, ...(q !== '' && { q }) } as const;
    const timer = setTimeout(() => {
      Promise.resolve(client.listNodes(query, { signal })).then(
        (page) => setNodes(page.nodes),
        (error: unknown) => {
          if (!signal.aborted) session.noticeRefusal(error);
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [client, session, q]);
  const deployments = [...new Set(nodes.flatMap(({ deploymentId }) => deploymentId ?? []))];
  const isNamed = (id: string) => id.toLowerCase().includes(q.toLowerCase());
  return [
    ...deployments
      .filter(isNamed)
      .slice(0, DEPLOYMENTS_SHOWN)
      .map((id): PaletteEntry => ({
        id: `deployment ${id}`,
        kind: 'Deployment',
        label: id,
        note: '',
        run: () => url.go(deploymentPath(id)),
      })),
    ...nodes.slice(0, NODES_SHOWN).map((node): PaletteEntry => ({
      id: node.id,
      kind: 'Node',
      label: node.clusterName,
      note: `${STATUS_LABELS[node.status] ?? node.status}, ${node.modelName}`,
      run: () => url.go(nodePath(node.id)),
    })),
  ];
}
