import type { OrchestratorKind } from '@launchlog/shared/node';
import type { PlaceRecord } from '@launchlog/shared/cost/launch-estimate';
import type { NodeOwner } from '../node-owner.js';

/** Where launches of one kind of machine went. */
export interface Place {
  /** SkyPilot's display name. */
  readonly cloud: string;
  readonly region: string | undefined;
  readonly gpu: string;
  readonly spot: boolean;
}

export interface PlaceHistory {
  readonly record: PlaceRecord;
  /** The median of the seconds in which a machine cost money before its node was active. */
  readonly paidSeconds: number | undefined;
}

/**
 * How earlier launches went at places. One statement over the newest launches of the owner's, or of all. Rejects with
 * `NodeStoreUnavailableError` while the database is away.
 */
export interface PlaceRecords {
  /** In the order of the places. */
  of(places: readonly Place[], among: LaunchesAmong): Promise<readonly PlaceHistory[]>;
}

interface LaunchesAmong {
  readonly orchestrator: OrchestratorKind;
  readonly owner: NodeOwner;
}
