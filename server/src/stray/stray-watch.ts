import type { OrchestratorKind } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import { CLUSTER_PREFIX } from '../launch/cluster-name.js';
import type { ClusterInventory } from '../orchestrator/sight/cluster-inventory.js';
import { WokenLoop } from '../wait/woken-loop.js';
import type { FoundStray, StrayStore } from './stray-store.js';

interface StrayWatchOptions {
  readonly store: StrayStore;
  readonly inventory: ClusterInventory;
  readonly orchestrator: OrchestratorKind;
  /** The id that our clusters carry. */
  readonly installation: string;
  readonly clock: Clock;
  /** Called after a look: there may be notifications to send, and these strays are new. */
  readonly onLooked: (found: readonly FoundStray[]) => void;
  readonly onProblem: (problem: string, error: unknown) => void;
}

const ROUND_MS = 30_000;
/** The time between two looks of all servers together. */
const LOOK_MS = 120_000;
/** The least time, however fast a simulation is. */
const LOOK_MIN_MS = 5_000;
const SETTLED_MINUTES = 10;
/** A removal may take longer: then a second server joins it, which is harmless. */
const REMOVAL_CLAIM_MS = 300_000;
const REMOVAL_RETRY_MS = 60_000;

/**
 * Looks for strays, and removes those whose removal a person has requested. Any number of servers may each run one on the
 * same database: claims let one of them look, and one remove a stray.
 */
export class StrayWatch {
  readonly #options: StrayWatchOptions;
  readonly #loop: WokenLoop;

  constructor(options: StrayWatchOptions) {
    this.#options = options;
    this.#loop = new WokenLoop({
      clock: options.clock,
      round: async (_, stopping) => {
        await this.#removeAsked(stopping);
        await this.#look(stopping);
      },
      pauseMs: () => Math.min(ROUND_MS, this.#lookMs),
      onFailure: (error, failures) => {
        if (failures === 1) options.onProblem('the search for strays failed', error);
      },
      wakesAfterFailure: true,
    });
  }

  get #lookMs(): number {
    return Math.max(LOOK_MIN_MS, LOOK_MS / (this.#options.inventory.speed ?? 1));
  }

  /** Idempotent. */
  start(): void {
    this.#loop.start();
  }

  /** Looks at once, because a stray is to be removed. Never throws. */
  wake(): void {
    this.#loop.wake();
  }

  /** Idempotent. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #look(stopping: AbortSignal): Promise<void> {
    const { store, inventory, orchestrator, installation, onLooked } = this.#options;
    if (stopping.aborted || !(await store.claimLook(this.#lookMs))) return;
    const own = { installation, active: () => store.active(orchestrator) };
    const listed = await inventory.list(`${CLUSTER_PREFIX}-`, stopping, own);
    const settledMinutes = SETTLED_MINUTES / (inventory.speed ?? 1);
    onLooked(await store.compare(listed, { orchestrator, settledMinutes }));
  }

  async #removeAsked(stopping: AbortSignal): Promise<void> {
    const { store } = this.#options;
    while (!stopping.aborted) {
      const name = await store.claimRemoval(REMOVAL_CLAIM_MS);
      if (name === undefined) return;
      await this.#remove(name, stopping);
    }
  }

  async #remove(name: string, stopping: AbortSignal): Promise<void> {
    const { store, inventory, installation, onProblem } = this.#options;
    try {
      await inventory.remove({ name, installation }, stopping);
    } catch (error) {
      // Another server may take over at once.
      if (stopping.aborted) return store.notRemoved(name, undefined, 0);
      onProblem(`the stray ${name} could not be removed`, error);
      const problem = error instanceof Error ? error.message : String(error);
      return store.notRemoved(name, problem, REMOVAL_RETRY_MS);
    }
    return store.removed(name);
  }
}
