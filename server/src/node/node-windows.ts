import type { NodePage } from '@launchlog/shared/node';
import type { NodeWatchEvent, NodeWatchQuery } from '@launchlog/shared/node-watch';
import type { Clock } from '../clock.js';
import type { NodeStore } from './node-store.js';

/** The first nodes of a list as they were a moment ago; the same object for all watchers of equal lists. */
export interface NodeWindow {
  readonly nodes: NodePage['nodes'];
  readonly event: Extract<NodeWatchEvent, { type: 'window' }>;
}

type OnWindow = (window: NodeWindow) => void;

/** The pause between two readings of one window, however many changes and watchers there are. */
const PAUSE_MS = 1_000;
/** Readings of one window occupy at most this share of a connection: a slow window is read less often. */
const SHARE_MAX = 0.1;
const RETRY_MS = 5_000;

/** Reads the windows of all watchers of this process; those with equal queries share one. See decision 148. */
export class NodeWindows {
  readonly #nodes: Pick<NodeStore, 'list'>;
  readonly #clock: Clock;
  readonly #lists = new Map<string, WatchedList>();

  constructor(options: { readonly nodes: Pick<NodeStore, 'list'>; readonly clock: Clock }) {
    this.#nodes = options.nodes;
    this.#clock = options.clock;
  }

  /** Calls back once, with a window whose reading began after this call. It may take seconds; a failed reading is repeated. */
  request(query: NodeWatchQuery, onWindow: OnWindow): void {
    const key = JSON.stringify(query);
    const list = this.#lists.get(key) ?? { query, waiting: [], nextAtMs: 0, isBusy: false };
    this.#lists.set(key, list);
    list.waiting.push(onWindow);
    if (!list.isBusy) this.#schedule(key, list);
  }

  close(): void {
    for (const list of this.#lists.values()) {
      list.waiting.length = 0;
      list.stop?.();
    }
    this.#lists.clear();
  }

  #schedule(key: string, list: WatchedList): void {
    list.isBusy = true;
    const delayMs = Math.max(0, list.nextAtMs - this.#clock.monotonic());
    list.stop = this.#clock.after(delayMs, () => void this.#read(key, list));
  }

  async #read(key: string, list: WatchedList): Promise<void> {
    const startMs = this.#clock.monotonic();
    const waiting = list.waiting.splice(0);
    try {
      const { nodes, nextCursor, counts } = await this.#nodes.list(list.query);
      const nodeIds = nodes.map(({ id }) => id);
      const shape = { nodeIds, more: nextCursor !== undefined, ...(counts !== undefined && { counts }) };
      const window = { nodes, event: { type: 'window' as const, ...shape } };
      const endMs = this.#clock.monotonic();
      list.nextAtMs = endMs + Math.max(PAUSE_MS, (endMs - startMs) / SHARE_MAX);
      for (const onWindow of waiting) onWindow(window);
    } catch {
      list.waiting.push(...waiting);
      list.nextAtMs = this.#clock.monotonic() + RETRY_MS;
    }
    list.isBusy = false;
    if (list.waiting.length > 0) this.#schedule(key, list);
    else this.#forgetLater(key, list);
  }

  /** Keeps the list until its pause is over. */
  #forgetLater(key: string, list: WatchedList): void {
    list.stop = this.#clock.after(Math.max(0, list.nextAtMs - this.#clock.monotonic()), () => {
      if (!list.isBusy && this.#lists.get(key) === list) this.#lists.delete(key);
    });
  }
}

interface WatchedList {
  readonly query: NodeWatchQuery;
  readonly waiting: OnWindow[];
  nextAtMs: number;
  /** A reading is due or running. */
  isBusy: boolean;
  stop?: () => void;
}
