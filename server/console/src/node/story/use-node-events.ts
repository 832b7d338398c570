import { useEffect, useState } from 'react';
import type { NodeEvent } from '@launchlog/sdk';
import { useLaunchlogClient } from '@launchlog/sdk/react';

const NONE: readonly NodeEvent[] = [];

/** What happened to the node, oldest first, as it happens. */
export function useNodeEvents(nodeId: string): readonly NodeEvent[] {
  const client = useLaunchlogClient();
  const [events, setEvents] = useState(NONE);
  useEffect(() => {
    const left = new AbortController();
    setEvents(NONE);
    void (async () => {
      for await (const item of client.nodes.eventsStream(nodeId, { signal: left.signal })) {
        if (item.type === 'event') setEvents((before) => [...before, item.event]);
        // The registry was restored: all events follow again.
        else if (item.type === 'reset') setEvents(NONE);
      }
      // Other parts of the page report that the server cannot be reached.
    })().catch(() => undefined);
    return () => left.abort();
  }, [client, nodeId]);
  return events;
}
