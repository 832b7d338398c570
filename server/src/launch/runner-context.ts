import type { Node } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import type { SecretBox } from '../database/secret-box.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { LeaseStore } from '../node/lease-store.js';
import type { NodeStore } from '../node/node-store.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import type { LaunchLimits } from './launch-limits.js';

/** The dependencies of every piece of work on a launch. */
export interface RunnerContext {
  readonly nodes: NodeStore;
  readonly leases: LeaseStore;
  readonly logs: NodeLogStore;
  readonly orchestrator: Orchestrator;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  /** The name of this process in the table, for people to read. */
  readonly workerId: string;
  readonly limits: LaunchLimits;
  /** The id of the installation: machines are labelled with it. */
  readonly installation?: string | undefined;
  /**
   * Called once, by the server that ended the launch, after the row has ended. Not called if that server crashes in between.
   */
  readonly onEnded: readonly ((node: Node) => void | Promise<void>)[];
  readonly onTerminated: readonly ((node: Node) => void | Promise<void>)[];
  /** Writes to the server's own log. Must not throw. */
  readonly onProblem: (problem: string, error: unknown, nodeId?: string) => void;
}

/** The same context for work on one node, which its problems then name. */
export function contextOfNode(context: RunnerContext, nodeId: string): RunnerContext {
  return { ...context, onProblem: (problem, error) => context.onProblem(problem, error, nodeId) };
}

/** Calls the listeners without waiting for them. A failure of theirs is reported as a problem. */
export function notifyListeners(
  context: RunnerContext,
  listeners: 'onEnded' | 'onTerminated',
  node: Node,
): void {
  for (const listener of context[listeners]) {
    void Promise.resolve()
      .then(() => listener(node))
      .catch((error: unknown) => context.onProblem(`a listener failed (${listeners})`, error));
  }
}
