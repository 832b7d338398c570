import type { OrchestratorKind } from '@launchlog/shared/node';
import type { Stray } from '@launchlog/shared/cost/stray';
import type { ListedCluster } from '../orchestrator/sight/cluster-inventory.js';

/**
 * Strays, and the claims of servers on work about them. Atomicity: every call is one statement. Loss: a call that rejects
 * may have been applied, and may be repeated. A stray is listed once two looks in a row have seen it.
 */
export interface StrayStore {
  /** True for one server in so many milliseconds: that one looks. */
  claimLook(everyMs: number): Promise<boolean>;

  /**
   * Compares what the orchestrator has with the nodes, and writes a notice for each new stray. What is not astray any more
   * is forgotten. The nodes are read later than the clusters were listed, so that no launch can come in between.
   */
  compare(listed: readonly ListedCluster[], orchestrator: OrchestratorKind): Promise<void>;

  /** The longest known first. */
  list(): Promise<readonly Stray[]>;

  find(name: string): Promise<Stray | undefined>;

  /** Undefined if it is not ours, or not listed. The first who asked is kept. */
  askRemoval(name: string, by: string): Promise<Stray | undefined>;

  /** The name of a stray that is to be removed, for one server, for so many milliseconds. */
  claimRemoval(forMs: number): Promise<string | undefined>;

  removed(name: string): Promise<void>;

  /** It is claimed again after the pause. */
  notRemoved(name: string, problem: string | undefined, pauseMs: number): Promise<void>;
}
