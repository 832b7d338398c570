import type { Node } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import type { SecretBox } from '../database/secret-box.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { LeaseStore } from '../node/lease-store.js';
import type { NodeStore } from '../node/node-store.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import type { LaunchLimits } from './launch-limits.js';

/** What every piece of work on a launch needs. */
export interface RunnerContext {
  readonly nodes: NodeStore;
  readonly leases: LeaseStore;
  readonly logs: NodeLogStore;
  readonly orchestrator: Orchestrator;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  /** Names this process in the table, for people. */
  readonly workerId: string;
  readonly limits: LaunchLimits;
  /** Called once by the server that ended the launch, after the row says so; lost if it dies in that moment. */
  readonly onEnded: readonly ((node: Node) => void | Promise<void>)[];
  readonly onTerminated: readonly ((node: Node) => void | Promise<void>)[];
  /** For the operator's log; must not throw. */
  readonly onProblem: (problem: string, error: unknown, nodeId?: string) => void;
}

/** The same for the work on one node, whose problems name it. */
export function contextOfNode(context: RunnerContext, nodeId: string): RunnerContext {
  return { ...context, onProblem: (problem, error) => context.onProblem(problem, error, nodeId) };
}

/** Tells those who listen, and waits for none of them: what fails there is a problem of its own. */
export function tellAll(context: RunnerContext, listeners: 'onEnded' | 'onTerminated', node: Node): void {
  for (const tell of context[listeners]) {
    void Promise.resolve()
      .then(() => tell(node))
      .catch((error: unknown) => context.onProblem(`a listener failed (${listeners})`, error));
  }
}
