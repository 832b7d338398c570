import type { Node } from '@launchlog/shared/node';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import type { Clock } from '../clock.js';
import type { ChangeStore } from './change-store.js';
import type { NodeStore } from './node-store.js';

/** A listener to changes of nodes. None of these methods may throw. */
export interface NodeListener {
  /** Nodes in their present state, ordered by the time of their change. */
  changed(nodes: readonly Node[]): void;
  /** Called when the registry is unavailable. */
  away(): void;
  back(): void;
}

/** An event of the watch, the same object for all watchers that get it at once, and the cursor from which to resume after it. */
export interface NodeWatchItem {
  readonly cursor: string;
  readonly event: NodeWatchEvent;
}

export interface NodeWatchOptions {
  readonly changes: ChangeStore;
  readonly nodes: Pick<NodeStore, 'list'>;
  readonly clock: Clock;
}
