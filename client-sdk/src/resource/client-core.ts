import type { ClientSettings } from '../client-options.js';
import type { HttpApi } from '../call/http-api.js';
import type { StreamConnection } from '../stream/stream-connection.js';

/** What the parts of a client share. */
export interface ClientCore {
  readonly settings: ClientSettings;
  readonly api: HttpApi;
  readonly stream: StreamConnection;
  /** Aborted when the client is closed. */
  readonly closing: AbortSignal;
}
