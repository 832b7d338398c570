import type { ReadableStore } from '../state/store.js';
import type { LogStore } from './store/log-store.js';

export type StreamState = 'connecting' | 'live' | 'reconnecting' | 'ended' | 'failed';

/** What a viewer shows: lines that something follows into a store, and how that goes. */
export interface FollowedLog {
  readonly store: LogStore;
  readonly stream: ReadableStore<StreamState>;
  /** Nothing comes any more. */
  close(): void;
}
