import type { ReadableStore } from '../state/store.js';
import type { LogStore } from './store/log-store.js';

export type StreamState = 'connecting' | 'live' | 'reconnecting' | 'ended' | 'failed';

/** A log that a viewer shows: the store of its lines and the state of the stream that fills it. */
export interface FollowedLog {
  readonly store: LogStore;
  readonly stream: ReadableStore<StreamState>;
  /** Stops following. Idempotent. */
  close(): void;
}
