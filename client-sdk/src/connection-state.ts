import type { LaunchlogApiError } from './error/launchlog-api-error.js';

/**
 * State of the client's one stream connection.
 *
 * - `idle`: nothing is followed, so nothing is connected
 * - `connecting`: trying to connect; `error` is the reason the last attempt failed
 * - `open`: connected
 * - `closed`: closed for good by `close()`
 */
export type ConnectionState =
  | {
      /** Nothing is followed. */
      readonly state: 'idle';
    }
  | {
      /** Trying to connect. */
      readonly state: 'connecting';
      /** Attempts that failed since the connection was last open, starting at 0. */
      readonly failedAttempts: number;
      /** Why the last attempt failed; absent before the first failure. */
      readonly error?: LaunchlogApiError | undefined;
    }
  | {
      /** Connected. */
      readonly state: 'open';
    }
  | {
      /** Closed for good. */
      readonly state: 'closed';
    };

export type ConnectionListener = (state: ConnectionState) => void;
