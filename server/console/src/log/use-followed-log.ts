import { useEffect, useState } from 'react';
import { nextFrame } from '../state/frame-scheduler.js';
import type { FollowedLog } from './followed-log.js';
import { LogStore } from './store/log-store.js';
import { openSearchWorker } from './search/open-search-worker.js';

/**
 * Opens a log and closes it when the component unmounts or `open` changes. Undefined until the first effect has run.
 */
export function useFollowedLog<Log extends FollowedLog>(
  open: (store: LogStore) => Log,
  { hasPhases, earlierRows }: { readonly hasPhases: boolean; readonly earlierRows: number },
): Log | undefined {
  const [log, setLog] = useState<Log>();
  useEffect(() => {
    const opened = open(
      new LogStore({ schedule: nextFrame, openPort: openSearchWorker, hasPhases, earlierRows }),
    );
    setLog(opened);
    return () => opened.close();
  }, [open, hasPhases, earlierRows]);
  return log;
}
