import type { Node } from '@launchlog/shared/node';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import type { Clock } from '../clock.js';
import type { ChangeStore } from './change-store.js';
import type { NodeStore } from './node-store.js';

/** Who is told of changes. None of these may throw. */
export interface NodeListener {
  /** Nodes as they are now, by the time of their change. */
  changed(nodes: readonly Node[]): void;
  /** The registry does not answer. */
  away(): void;
  back(): void;
}

/** A state of the list, and the place after it: resume there. */
export interface NodeWatchItem {
  readonly cursor: string;
  readonly event: NodeWatchEvent;
}

export interface NodeWatchOptions {
  readonly changes: ChangeStore;
  readonly nodes: Pick<NodeStore, 'list'>;
  readonly clock: Clock;
}
