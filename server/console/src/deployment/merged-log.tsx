import type { Node } from '@launchlog/sdk';
import { useMemo, useState } from 'react';
import { LogViewer } from '../log/log-viewer.js';
import { nodeLabels } from '../log/node-labels.js';
import { useLogFollower } from '../log/use-log-follower.js';
import { mergedNodes } from './merged-nodes.js';
import { NodeLegend } from './node-legend.js';

/** History that is read of each node before its live lines. */
const HISTORY_ENTRIES = 1_000;

/** The logs of several nodes as one stream, each node in its colour. */
export function MergedLog({ nodes, fileName }: { nodes: readonly Node[]; fileName: string }) {
  const [kept, setKept] = useState<ReadonlySet<string>>(new Set());
  const { followed, left } = mergedNodes(nodes, kept);
  // Those once followed stay: a launch that ends must not take its lines from the page.
  if (followed.some((node) => !kept.has(node.id)))
    setKept(new Set([...kept, ...followed.map((node) => node.id)]));
  const labels = useMemo(() => nodeLabels(nodes), [nodes]);
  const follower = useLogFollower(
    followed.map((node) => node.id),
    HISTORY_ENTRIES,
  );
  return (
    <>
      <NodeLegend nodes={followed} labels={labels} left={left} />
      <LogViewer follower={follower} startMs={undefined} fileName={fileName} nodes={labels} />
    </>
  );
}
