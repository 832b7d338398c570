import { useCallback, useMemo } from 'react';
import type { Node } from '@launchlog/sdk';
import { nodeLabels } from '../log/line/node-labels.js';
import type { LogStore } from '../log/store/log-store.js';
import { LogViewer } from '../log/log-viewer.js';
import { useFollowedLog } from '../log/use-followed-log.js';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { useSession } from '../session/session-store.js';
import { useServerNow } from '../time/ticker.js';
import { Store, useStore } from '../state/store.js';
import { EARLIER_LINES_MAX } from './earlier-lines.js';
import { legendNodes } from './legend-nodes.js';
import { MergedLogFollower } from './merged-log-follower.js';
import { NodeLegend } from './node-legend.js';

interface MergedLogProps {
  /** Undefined for the logs of all nodes. */
  readonly deploymentId: string | undefined;
  /** The known nodes of the deployment, or all known nodes. */
  readonly nodes: readonly Node[];
  readonly fileName: string;
}

const SEVERAL_NODES = { hasPhases: false, earlierRows: EARLIER_LINES_MAX };
const NO_MEMBERS = new Store<ReadonlySet<string>>(new Set());

/** The logs of several nodes as one stream, with a colour for each node. */
export function MergedLog({ deploymentId, nodes, fileName }: MergedLogProps) {
  const client = useLaunchlogClient();
  const session = useSession();
  const now = useServerNow();
  const open = useCallback(
    (store: LogStore) =>
      new MergedLogFollower({
        client,
        store,
        deploymentId,
        nowMs: now,
        onRefused: (error) => session.noticeRefusal(error),
      }),
    [client, session, now, deploymentId],
  );
  const follower = useFollowedLog(open, SEVERAL_NODES);
  const members = useStore(follower?.members ?? NO_MEMBERS);
  const labels = useMemo(() => nodeLabels(nodes, members), [nodes, members]);
  return (
    <>
      <NodeLegend {...legendNodes(nodes, members)} labels={labels} />
      <LogViewer follower={follower} startMs={undefined} fileName={fileName} nodes={labels} />
    </>
  );
}
