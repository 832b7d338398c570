import type { ReadableStore } from '../state/store.js';
import type { LogStore } from './store/log-store.js';

/** `history`: what was there before is being loaded, and new lines come already. */
export type StreamState = 'connecting' | 'history' | 'live' | 'reconnecting' | 'ended' | 'failed';

/** A log that a viewer shows: the store of its lines and the state of the stream that fills it. */
export interface FollowedLog {
  readonly store: LogStore;
  readonly stream: ReadableStore<StreamState>;
  /** Stops following. Idempotent. */
  close(): void;
}
