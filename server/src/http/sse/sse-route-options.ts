import type { Authenticator } from '../../auth/authenticator.js';
import type { SseStreamsOptions } from '../../edge/event-stream/sse-streams.js';

/** The options of every route of server-sent events. */
export interface SseRouteOptions extends Omit<SseStreamsOptions<never>, 'render' | 'frames'> {
  readonly authenticator: Authenticator;
}
