import type { LaunchlogApiError } from './launchlog-api-error.js';

/**
 * Where the client's one stream connection stands.
 * `idle`: nothing is followed, so nothing is connected. `connecting`: trying, `error` says why the last try failed.
 * `closed`: for good, by `close()`.
 */
export type ConnectionState =
  | { readonly state: 'idle' }
  | {
      readonly state: 'connecting';
      /** Tries that failed since the connection was last open, from 0. */
      readonly failedAttempts: number;
      readonly error?: LaunchlogApiError | undefined;
    }
  | { readonly state: 'open' }
  | { readonly state: 'closed' };

export type ConnectionListener = (state: ConnectionState) => void;
