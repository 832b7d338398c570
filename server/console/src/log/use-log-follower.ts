import { useCallback } from 'react';
import { useServices } from '../services.js';
import { LogFollower } from './log-follower.js';
import type { LogStore } from './log-store.js';
import { useFollowedLog } from './use-followed-log.js';

/** Follows this node for as long as the component is shown. */
export function useLogFollower(nodeId: string): LogFollower | undefined {
  const { client, session } = useServices();
  const open = useCallback(
    (store: LogStore) =>
      new LogFollower({ client, store, nodeId, onRefused: (error) => session.noticeRefusal(error) }),
    [client, session, nodeId],
  );
  return useFollowedLog(open);
}
