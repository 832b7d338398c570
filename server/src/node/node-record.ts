import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { Node } from '@launchlog/shared/node';
import type { Offer } from '../orchestrator/launch-event.js';
import type { LaunchWork } from './work/launch-work.js';

/** A node, with the fields that only the server may see. */
export interface NodeRecord {
  readonly node: Node;
  /** The request without its secrets. */
  readonly request: StoredRequest;
  /** The names of the launch's secrets. Their values are kept only while it runs. */
  readonly secretNames: readonly string[];
  readonly createdBy: string;
  /** The header of the call that launched it. */
  readonly traceparent: string | undefined;
  /** How often the row was claimed. This is the fencing token of its present owner. */
  readonly attempt: number;
  /** The orchestrator's identifier of the launch, once it was submitted. */
  readonly handle: string | undefined;
  readonly memory: LaunchMemory;
  readonly cancelRequested: boolean;
  /** Whether to terminate the node when the launch has ended. */
  readonly terminateRequested: boolean;
  /** The number of owners that were lost without releasing the row. */
  readonly takeovers: number;
  /** The first node of the line of relaunches and retries that this one belongs to. */
  readonly lineage: string;
  /** When the launch asks for the end of the node. */
  readonly terminateAt: Date | undefined;
  readonly idle: Idleness | undefined;
}

/** The idleness of the model server, as last stored. */
export interface Idleness {
  readonly sinceMs: number;
  /** The count of requests by then; undefined if the server counts none. */
  readonly mark: number | undefined;
  /** Whether people were notified. */
  readonly noticed: boolean;
}

export type StoredRequest = Omit<LaunchRequest, 'secrets'>;

/** The state of a launch that its node does not show. */
export interface LaunchMemory {
  readonly prices: readonly OfferPrice[];
  readonly startupComplete: boolean;
  readonly probes: number;
  /** The calls and probes so far; absent if none were recorded. */
  readonly work?: LaunchWork | undefined;
}

export interface OfferPrice {
  readonly offer: Offer;
  /** US dollars per hour. */
  readonly price: number;
}

export const BLANK_MEMORY: LaunchMemory = { prices: [], startupComplete: false, probes: 0 };
