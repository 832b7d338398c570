import type { Authenticator } from '../../auth/authenticator.js';
import type { SseStreamsOptions } from '../../edge/event-stream/sse-streams.js';

/** What every route of server-sent events needs, whatever it sends. */
export interface SseRouteOptions extends Omit<SseStreamsOptions<never>, 'render' | 'frames'> {
  readonly authenticator: Authenticator;
}
