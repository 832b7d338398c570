import type { LogStreamEvent } from '@launchlog/shared/event';
import type { LogStreamQueryInput } from '@launchlog/shared/log-query';
import type { ConnectionState } from './connection-state.js';

/** The filters and the place to begin at; `tail` 100 where neither `cursor` nor `since` says otherwise. */
export interface FollowOptions extends LogStreamQueryInput {
  /** Ends the iteration, quietly. */
  readonly signal?: AbortSignal | undefined;
  /** Also yields `connection` events. Off by default. */
  readonly connectionEvents?: boolean | undefined;
}

/** An event of the log; `cursor` is the reader's place after it: give it back as `cursor` to go on from there. */
export type FollowEvent = LogStreamEvent & { readonly cursor: string };

/** Made by the client, not by the server: the connection was lost, or is back. */
export interface ConnectionEvent {
  readonly type: 'connection';
  readonly connection: ConnectionState;
}
