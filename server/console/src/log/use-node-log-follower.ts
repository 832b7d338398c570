import { useCallback } from 'react';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { useSession } from '../session/session-store.js';
import { NodeLogFollower } from './node-log-follower.js';
import type { LogStore } from './store/log-store.js';
import { useFollowedLog } from './use-followed-log.js';

const ONE_NODE = { hasPhases: true, earlierRows: 0 };

/** Follows the log of a node while the component is mounted. */
export function useNodeLogFollower(nodeId: string): NodeLogFollower | undefined {
  const client = useLaunchlogClient();
  const session = useSession();
  const open = useCallback(
    (store: LogStore) =>
      new NodeLogFollower({ client, store, nodeId, onRefused: (error) => session.noticeRefusal(error) }),
    [client, session, nodeId],
  );
  return useFollowedLog(open, ONE_NODE);
}
