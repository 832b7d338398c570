import type { LossReason, Node, NodeHealth, OrchestratorKind } from '@launchlog/shared/node';
import type { SealedSecrets } from '../database/secret-box.js';
import type { Idleness, NodeRecord } from './node-record.js';

/**
 * The watch of active nodes: which server watches which node, and what it has seen.
 *
 * Exclusion: each node has at most one watcher, and each watcher is a process with one lease for all of its nodes. When the
 * lease has expired, by the database's clock, others take the nodes. Every change names the watcher, so one whose nodes were
 * taken over changes nothing any more. Atomicity: each call is one statement. Loss: a call that rejects may have been
 * applied; every call may be repeated, and a repeated `lose` answers undefined. A node leaves the watch when it is no longer
 * active: `held` then lacks it.
 */
export interface HealthStore {
  /** Takes or renews the lease. Resolves to whether there are active nodes of this orchestrator without a watcher. */
  renew(watcher: HealthWatcher, leaseMs: number, orchestrator: OrchestratorKind): Promise<boolean>;

  /** Takes up to `limit` active nodes without a watcher. */
  claim(request: HealthClaim): Promise<readonly WatchableNode[]>;

  /** The ids of the nodes that are active and still this watcher's. */
  held(watcherId: string): Promise<readonly string[]>;

  /** Stores the health of several nodes. Those that are no longer this watcher's stay as they are. */
  save(watcherId: string, changes: readonly HealthChange[]): Promise<void>;

  /** Stores when nodes last answered. Nobody is notified of it: `updated_at` stays. */
  sighted(watcherId: string, sightings: readonly Sighting[]): Promise<void>;

  /** Stores how long model servers have been idle. People are notified only by an event of the node. */
  idle(watcherId: string, changes: readonly IdleChange[]): Promise<void>;

  /** Terminates the node because its launch asks for that. False if it is no longer this watcher's. */
  terminate(watcherId: string, end: NodeEnd): Promise<boolean>;

  /**
   * Ends the node as lost; its cost stops at the last sign of life. A relaunch is due at once if its launch asks for that.
   * Undefined if the node is no longer this watcher's.
   */
  lose(watcherId: string, loss: NodeLoss): Promise<Node | undefined>;

  /** Stores the last output of a node that is silent, or was lost: oldest line first, secrets masked. */
  keepOutput(nodeId: string, lines: readonly string[]): Promise<void>;

  /** Gives up the lease and all nodes, so that others take them at once. */
  leave(watcherId: string): Promise<void>;
}

export interface WatchableNode extends NodeRecord {
  /** The key of the model server. */
  readonly sealedKey: SealedSecrets | undefined;
}

export interface HealthWatcher {
  /** A UUID of this process's life: the fencing token of everything it stores. */
  readonly id: string;
  /** The name of the process, for people who read the table. */
  readonly name: string;
}

export interface HealthClaim {
  readonly watcherId: string;
  readonly orchestrator: OrchestratorKind;
  readonly limit: number;
  /** After a claim whose answer was lost: the nodes that the watcher knows to be its own. It gets its others again. */
  readonly known?: readonly string[] | undefined;
}

export interface Sighting {
  readonly nodeId: string;
  readonly atMs: number;
}

export interface HealthChange {
  readonly nodeId: string;
  readonly health: NodeHealth;
  readonly sinceMs: number;
  readonly reason: string | undefined;
  readonly lastSignMs: number;
}

export interface IdleChange {
  readonly nodeId: string;
  /** Undefined: it is busy. */
  readonly idle: Idleness | undefined;
}

export interface NodeEnd {
  readonly nodeId: string;
  /** The rule: the name of the launch's field. */
  readonly rule: 'on_loss' | 'terminate_when_idle';
  /** Why, for people: it follows a colon. */
  readonly reason: string;
  /** Whether the node is launched again once it is terminated. */
  readonly relaunch: boolean;
}

export interface NodeLoss {
  readonly nodeId: string;
  readonly reason: LossReason;
  /** One sentence for people. */
  readonly message: string;
  readonly lastSignMs: number;
}
