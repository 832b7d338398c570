import type { Node } from '@launchlog/shared/node';
import type { HealthChange, HealthStore, IdleChange, NodeEnd, NodeLoss } from '../node/health-store.js';
import type { HealthMeter } from './health-meter.js';

interface HealthWritesOptions {
  readonly store: HealthStore;
  readonly watcherId: string;
  readonly meter: HealthMeter;
  /** Called when nodes have changed. Must not throw. */
  readonly onChanged: () => void;
  readonly onLost: (node: Node) => void;
  /** Called when a node is to be terminated. Must not throw. */
  readonly onEnding: () => void;
}

/** Decisions about nodes that are not stored yet. A later decision about a node replaces an earlier one. */
export class HealthWrites {
  readonly #options: HealthWritesOptions;
  readonly #changes = new Map<string, HealthChange>();
  readonly #idle = new Map<string, IdleChange>();
  readonly #losses = new Map<string, NodeLoss>();
  readonly #ends = new Map<string, NodeEnd>();

  constructor(options: HealthWritesOptions) {
    this.#options = options;
  }

  /** Nodes that are still ours in the database, but are not probed any more. */
  get leaving(): readonly string[] {
    return [...this.#losses.keys(), ...this.#ends.keys()];
  }

  change(change: HealthChange): void {
    this.#changes.set(change.nodeId, change);
  }

  idle(change: IdleChange): void {
    this.#idle.set(change.nodeId, change);
  }

  lose(loss: NodeLoss): void {
    this.#losses.set(loss.nodeId, loss);
  }

  end(end: NodeEnd): void {
    this.#ends.set(end.nodeId, end);
  }

  /** Drops what is not stored yet of a node that is no longer ours, or about to be gone. */
  forget(nodeId: string): void {
    this.#changes.delete(nodeId);
    this.#idle.delete(nodeId);
  }

  /** Rejects as the store does; what was not stored waits for the next call. */
  async store(): Promise<void> {
    await this.#storeLosses();
    await this.#storeEnds();
    const { store, watcherId, meter, onChanged } = this.#options;
    const [changes, idle] = [[...this.#changes.values()], [...this.#idle.values()]];
    if (changes.length + idle.length === 0) return;
    await store.save(watcherId, changes);
    for (const change of changes) {
      meter.changed(change.health);
      // A later change may have come during the call.
      if (this.#changes.get(change.nodeId) === change) this.#changes.delete(change.nodeId);
    }
    await store.idle(watcherId, idle);
    for (const change of idle) {
      if (this.#idle.get(change.nodeId) === change) this.#idle.delete(change.nodeId);
    }
    onChanged();
  }

  async #storeLosses(): Promise<void> {
    const { store, watcherId, meter, onLost } = this.#options;
    for (const [nodeId, loss] of this.#losses) {
      const node = await store.lose(watcherId, loss);
      this.#losses.delete(nodeId);
      if (node === undefined) continue;
      meter.lost(loss.reason);
      onLost(node);
    }
  }

  async #storeEnds(): Promise<void> {
    const { store, watcherId, onEnding } = this.#options;
    for (const [nodeId, end] of this.#ends) {
      const ending = await store.terminate(watcherId, end);
      this.#ends.delete(nodeId);
      if (ending) onEnding();
    }
  }
}
