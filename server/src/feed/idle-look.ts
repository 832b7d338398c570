import type { NodeLogStore } from '../log/log-store.js';
import type { NodeFeed } from './node-feed.js';

interface IdleLookOptions {
  readonly store: Pick<NodeLogStore, 'changed'>;
  /** Which of these nodes have ended. */
  readonly endedNodes: (nodeIds: readonly string[]) => Promise<readonly string[]>;
}

/**
 * Checks all silent logs of this process at once: pub/sub may have lost their last announcement. One question to the registry
 * and one to the store find the few logs that have changed, and only those are read. See decision 141.
 */
export class IdleLook {
  readonly #options: IdleLookOptions;
  #looking = false;

  constructor(options: IdleLookOptions) {
    this.#options = options;
  }

  /** Checks the logs of these feeds. Does nothing while an earlier check runs. */
  async look(feeds: readonly NodeFeed[]): Promise<void> {
    if (this.#looking || feeds.length === 0) return;
    this.#looking = true;
    try {
      const changed = await this.#changed(feeds);
      for (const feed of feeds) {
        if (changed === undefined || changed.has(feed.nodeId)) void feed.check();
        else feed.head.hear();
      }
    } finally {
      this.#looking = false;
    }
  }

  /**
   * Asks the registry first: once it knows that a launch has ended, a log that is checked later is closed or has lost its
   * end. Undefined when the store does not answer: each log then finds that out for itself, so that its readers are notified.
   */
  async #changed(feeds: readonly NodeFeed[]): Promise<ReadonlySet<string> | undefined> {
    const { store, endedNodes } = this.#options;
    const nodeIds = feeds.map(({ nodeId }) => nodeId);
    // A stream needs the log, not the registry.
    const ended = await endedNodes(nodeIds).catch(() => []);
    try {
      const changedIds = await store.changed(feeds.map(({ head }) => head.position));
      return new Set([...ended, ...changedIds]);
    } catch {
      return undefined;
    }
  }
}
