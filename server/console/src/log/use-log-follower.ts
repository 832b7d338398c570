import { useEffect, useState } from 'react';
import { useServices } from '../shell/services.js';
import { nextFrame } from '../ui/frame-scheduler.js';
import type { FollowExtent } from './log-follower.js';
import { LogFollower } from './log-follower.js';
import { LogStore } from './log-store.js';
import { openSearchWorker } from './open-search-worker.js';

/** Follows these nodes for as long as the component is shown; undefined only before the first effect has run. */
export function useLogFollower(nodeIds: readonly string[], extent: FollowExtent): LogFollower | undefined {
  const { client, nodes, session } = useServices();
  const [follower, setFollower] = useState<LogFollower>();
  useEffect(() => {
    const opened = new LogFollower({
      client,
      store: new LogStore({ schedule: nextFrame, openPort: openSearchWorker }),
      extent,
      onStatus: () => nodes.refreshSoon(),
      onRefused: (error) => session.noticeRefusal(error),
    });
    setFollower(opened);
    return () => opened.close();
  }, [client, nodes, session, extent]);
  const wanted = nodeIds.join(' ');
  useEffect(() => follower?.follow(wanted === '' ? [] : wanted.split(' ')), [follower, wanted]);
  return follower;
}
