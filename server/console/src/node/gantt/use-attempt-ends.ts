import type { Node } from '@launchlog/sdk';
import { useEffect, useState } from 'react';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import type { AttemptEnd } from './gantt-bars.js';

const EVENTS_MAX = 500;

/** When each attempt to get a machine ended; empty where the server does not know. */
export function useAttemptEnds({ id, attempts, createdAt }: Node): readonly AttemptEnd[] {
  const client = useLaunchlogClient();
  const [ends, setEnds] = useState<readonly AttemptEnd[]>([]);
  const ended = attempts.filter(({ outcome }) => outcome !== 'trying').length;
  useEffect(() => {
    if (ended === 0) return;
    const leaving = new AbortController();
    Promise.resolve(client.nodes.events(id, { limit: EVENTS_MAX }, { signal: leaving.signal })).then(
      ({ events }) => {
        const found = events.filter(({ kind }) => kind === 'attempt');
        setEnds(
          found.map(({ timestamp, message }) => ({
            atMs: Date.parse(timestamp) - Date.parse(createdAt),
            text: message,
          })),
        );
      },
      // Only the marks are missing. A real failure is reported elsewhere on the page.
      () => undefined,
    );
    return () => leaving.abort();
  }, [client, id, ended, createdAt]);
  return ends;
}
