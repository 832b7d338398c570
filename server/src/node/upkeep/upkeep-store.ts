import type { OrchestratorKind } from '@launchlog/shared/node';
import type { SealedSecrets } from '../../database/secret-box.js';
import type { NodeRecord, StoredRequest } from '../node-record.js';

/**
 * The relaunches and ends that launches ask for, as far as the time and the rows show that they are due.
 *
 * Once: each call changes only rows that still ask for it, so any number of servers may make the same calls at the same time.
 * Atomicity: each call is one statement. Loss: a call that rejects may have been applied; every call may be repeated.
 */
export interface UpkeepStore {
  /**
   * Terminates nodes whose time is over, and relaunches that have failed: those are launched again once nothing is left of
   * them. Resolves to their number, and to whether a relaunch is due for any server.
   */
  terminateDue(): Promise<{ readonly terminated: number; readonly relaunchDue: boolean }>;

  /** The relaunches that are due now and that this server can make, the oldest first. */
  due(request: DueRequest): Promise<readonly DueRelaunch[]>;

  /** Puts a relaunch off, with an event. False if it is no longer due. */
  postpone(nodeId: string, untilMs: number, reason: string): Promise<boolean>;

  /** Cancels a relaunch, with an event that names the reason, and deletes the secrets. False if it is no longer due. */
  giveUp(nodeId: string, reason: string): Promise<boolean>;
}

export interface DueRequest {
  readonly orchestrator: OrchestratorKind;
  /** The id of the key whose secrets this server can open. */
  readonly secretsKeyId: string;
  readonly limit: number;
}

export interface DueRelaunch {
  /** The node that is to be launched again. */
  readonly record: NodeRecord;
  readonly sealedSecrets: SealedSecrets | undefined;
  /** The latest request of a person in this line. */
  readonly request: StoredRequest;
  readonly past: PastRelaunches;
}

/** The relaunches of one line. Times are in milliseconds since 1970. */
export interface PastRelaunches {
  /** When those of the last hour were made, oldest first. */
  readonly lastHourMs: readonly number[];
  /** Failures since the last node that became active, except for a lack of machines. */
  readonly failedInARow: number;
  /** The present time by the database's clock. */
  readonly nowMs: number;
}
