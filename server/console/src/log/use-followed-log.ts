import { useEffect, useState } from 'react';
import { nextFrame } from '../state/frame-scheduler.js';
import type { FollowedLog } from './followed-log.js';
import { LogStore } from './store/log-store.js';
import { openSearchWorker } from './search/open-search-worker.js';

/** Follows for as long as the component is shown and `open` is the same; undefined until the first effect has run. */
export function useFollowedLog<Log extends FollowedLog>(open: (store: LogStore) => Log): Log | undefined {
  const [log, setLog] = useState<Log>();
  useEffect(() => {
    const opened = open(new LogStore({ schedule: nextFrame, openPort: openSearchWorker }));
    setLog(opened);
    return () => opened.close();
  }, [open]);
  return log;
}
