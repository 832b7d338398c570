import type { IncomingMessage } from 'node:http';
import { onceOnly } from '../../auth/caller-token.js';

/** Names under which clients without headers put the last id into the URL of a reconnect. */
export const CURSOR_PARAMS = ['lastEventId', 'last_event_id'] as const;

/** A cursor of a reconnect, and the name of the header or parameter that held it, for errors. */
export interface ResumeCursor {
  readonly name: string;
  readonly value: string;
}

/**
 * Where a client that reconnects wants to continue: the header `Last-Event-ID`, else `lastEventId` (event-source-polyfill,
 * reconnecting-eventsource) or `last_event_id` (Mercure) in the URL. They override `cursor`, which such a client still has in
 * its URL from its first connect. An empty one counts as none: some clients send that.
 */
export function resumeCursorOf(incoming: IncomingMessage, params: URLSearchParams): ResumeCursor | undefined {
  const header = lastEventIdOf(incoming);
  if (header !== undefined) return { name: 'Last-Event-ID', value: header };
  for (const name of CURSOR_PARAMS) {
    // Some clients append one at every reconnect: the last one counts.
    const value = params.getAll(name).at(-1);
    if (value !== undefined && value !== '') return { name, value };
  }
  return undefined;
}

function lastEventIdOf(incoming: IncomingMessage): string | undefined {
  const value = onceOnly(incoming.headers['last-event-id']);
  return value === '' ? undefined : value;
}
