import type { OrchestratorKind } from '@launchlog/shared/node';
import type { Stray } from '@launchlog/shared/cost/stray';
import type { ListedCluster } from '../orchestrator/sight/cluster-inventory.js';
import type { KnownCluster } from '../orchestrator/sight/cluster-sight.js';

/**
 * Strays, and the claims of servers on work about them. Atomicity: every call is one statement, except `compare` and `active`,
 * which are many bounded ones. Loss: a call that rejects may have been applied, `compare` in part, and may be repeated. A stray
 * is listed once two looks in a row have seen it.
 */
export interface StrayStore {
  /** True for one server within the given milliseconds: that one looks. */
  claimLook(everyMs: number): Promise<boolean>;

  /**
   * Compares the clusters of the orchestrator with the nodes, writes a notice for each new stray, and resolves to the new
   * ones. Those that are no longer astray are forgotten. The nodes are read later than the clusters were listed, so that no
   * launch can come in between. A node accounts for its cluster until so many minutes after its end, and misses it from so
   * many after it was active.
   */
  compare(
    listed: readonly ListedCluster[],
    by: { readonly orchestrator: OrchestratorKind; readonly settledMinutes: number },
  ): Promise<readonly FoundStray[]>;

  /** The clusters of active nodes of this orchestrator. */
  active(orchestrator: OrchestratorKind): Promise<readonly KnownCluster[]>;

  /** All strays, the longest known first. */
  list(): Promise<readonly Stray[]>;

  find(name: string): Promise<Stray | undefined>;

  /** Undefined if it is not ours, or not listed. The name of the person who asked first is kept. */
  askRemoval(name: string, by: string): Promise<Stray | undefined>;

  /** Claims a stray that is to be removed, for the given milliseconds, and returns its name. */
  claimRemoval(forMs: number): Promise<string | undefined>;

  removed(name: string): Promise<void>;

  /** Records that the removal failed: the stray can be claimed again after the pause. */
  notRemoved(name: string, problem: string | undefined, pauseMs: number): Promise<void>;
}

export interface FoundStray extends Pick<Stray, 'name' | 'kind'> {
  /** The id that its label names; absent for none. */
  readonly installation?: string | undefined;
}
