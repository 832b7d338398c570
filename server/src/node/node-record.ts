import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { Node } from '@launchlog/shared/node';
import type { Offer } from '../orchestrator/launch-event.js';

/** A node with what only the server may know. */
export interface NodeRecord {
  readonly node: Node;
  /** As asked for, without the secrets. */
  readonly request: StoredRequest;
  /** Names of the secrets the launch was given; their values are kept only while it runs. */
  readonly secretNames: readonly string[];
  readonly createdBy: string;
  /** How often the row was claimed: the fencing token of its present owner. */
  readonly attempt: number;
  /** What identifies the launch at the orchestrator, once it was submitted. */
  readonly handle: string | undefined;
  readonly memory: LaunchMemory;
  readonly cancelRequested: boolean;
  /** Once the launch has ended the node is to be terminated, too. */
  readonly terminateRequested: boolean;
  /** Owners that vanished without giving the row back. */
  readonly takeovers: number;
}

export type StoredRequest = Omit<LaunchRequest, 'secrets'>;

/** What the transitions have to remember beside what a node shows. */
export interface LaunchMemory {
  readonly prices: readonly OfferPrice[];
  readonly startupComplete: boolean;
  readonly probes: number;
}

export interface OfferPrice {
  readonly offer: Offer;
  /** US dollars per hour. */
  readonly price: number;
}

export const BLANK_MEMORY: LaunchMemory = { prices: [], startupComplete: false, probes: 0 };
