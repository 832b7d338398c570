import { OPAQUE_CURSOR_FAULT } from '@launchlog/shared/cursor';
import { FieldError } from '@launchlog/shared/error-code';
import type { Node } from '@launchlog/shared/node';
import type { NodeWatchEvent, NodeWatchQuery } from '@launchlog/shared/node-watch';
import { belongsTo } from '../node-owner.js';
import { CHANGE_OVERLAP_MS } from './change-store.js';
import { isListed } from './node-filter.js';
import type { NodeListener, NodeWatchItem, NodeWatchOptions } from './node-listener.js';
import type { NodeWindow, NodeWindows } from './node-windows.js';

/** The most changed nodes kept for one slow watcher. Beyond that it gets a new snapshot. */
const PENDING_NODES_MAX = 1_000;
/** With more changes than this since its cursor, a watcher gets a new snapshot. */
const RESUME_NODES_MAX = 500;
/** The most events in one batch. */
const BATCH_EVENTS_MAX = 500;
/** The most nodes remembered as known to one watcher. Beyond that it is assumed to know all. */
const KNOWN_NODES_MAX = 10_000;
const CURSOR_PATTERN = /^[0-9]{1,15}$/;

interface NodeWatcherOptions extends NodeWatchOptions {
  readonly watch: { listen(listener: NodeListener): () => void };
  readonly windows: Pick<NodeWindows, 'request'>;
  readonly query: NodeWatchQuery;
  /** The cursor of the last item that the watcher received. */
  readonly resume: string | undefined;
  readonly signal: AbortSignal;
}

/** One watcher. Only the latest state of each node is kept for it, so that a slow watcher costs bounded memory. */
export class NodeWatcher implements AsyncIterable<readonly NodeWatchItem[]>, NodeListener {
  readonly #options: NodeWatcherOptions;
  /** Ordered by the time of their change. */
  readonly #pending = new Map<string, Node>();
  readonly #notices: NodeWatchEvent[] = [];
  /** Undefined means that it may know any node. */
  #known: Set<string> | undefined = new Set();
  #sinceMs = 0;
  #snapshotDue = true;
  /** Whether the query is for a window; the last one that was read, and the last one that was sent, as text. */
  readonly #isWindowed: boolean;
  /** Identifies the window that was requested and has not come. */
  #awaited: object | undefined;
  /** A change came after the request. */
  #isAwaitedStale = false;
  #window: NodeWindow | undefined;
  #sentWindow = '';
  #wake: (() => void) | undefined;

  /** Throws a LaunchlogError for an invalid cursor. */
  constructor(options: NodeWatcherOptions) {
    this.#options = options;
    this.#isWindowed = options.query.sort !== undefined || options.query.counts === true;
    if (options.resume === undefined) return;
    if (!CURSOR_PATTERN.test(options.resume)) {
      throw new FieldError('lastEventId', OPAQUE_CURSOR_FAULT);
    }
    // What the client has of a window is not known.
    if (this.#isWindowed) return;
    this.#sinceMs = Number(options.resume);
    this.#snapshotDue = false;
    this.#known = undefined;
  }

  changed(nodes: readonly Node[]): void {
    let isConcerned = false;
    for (const node of nodes) {
      // Not reported as gone either: the watcher may be bound to an owner, and must not learn of other nodes.
      if (!belongsTo(node, this.#options.query)) continue;
      isConcerned = true;
      // Moves to the end. Reports must follow the order of the changes, or a cut would lose the older one.
      this.#pending.delete(node.id);
      this.#pending.set(node.id, node);
    }
    if (!isConcerned) return;
    if (this.#pending.size > PENDING_NODES_MAX) {
      this.#pending.clear();
      this.#snapshotDue = true;
    }
    this.#awaitWindow();
    this.#wake?.();
  }

  away(): void {
    this.#notice(
      'node_store_unavailable',
      'the node registry cannot be reached; changes follow when it is back',
    );
  }

  back(): void {
    this.#notice('node_store_back', 'the node registry is back');
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly NodeWatchItem[], void> {
    const { signal, watch } = this.#options;
    if (signal.aborted) return;
    const onAbort = () => this.#wake?.();
    signal.addEventListener('abort', onAbort, { once: true });
    const stop = watch.listen(this);
    try {
      await this.#catchUp();
      while (!signal.aborted) {
        if (this.#snapshotDue) yield [this.#item(await this.#snapshot())];
        const items = this.#nextItems();
        if (items.length > 0) yield items;
        else if (!this.#snapshotDue) await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      stop();
      this.#awaited = undefined;
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Catches up on changes since the watcher's cursor. */
  async #catchUp(): Promise<void> {
    if (this.#snapshotDue) return;
    const { changes } = this.#options;
    const cursor = { changedAtMs: this.#sinceMs - CHANGE_OVERLAP_MS };
    const missed = await changes.changedSince(cursor, RESUME_NODES_MAX + 1);
    if (missed.length > RESUME_NODES_MAX) {
      this.#snapshotDue = true;
      return;
    }
    const heard = [...this.#pending.values()];
    this.#pending.clear();
    this.changed([...missed, ...heard]);
  }

  async #snapshot(): Promise<NodeWatchEvent> {
    const { changes, nodes, query } = this.#options;
    this.#snapshotDue = false;
    // A window that was requested before may be older than this.
    this.#awaited = undefined;
    this.#window = undefined;
    const nowMs = await changes.now();
    const page = await nodes.list(query);
    this.#sinceMs = Math.max(this.#sinceMs, nowMs);
    this.#known = new Set(page.nodes.map(({ id }) => id));
    const { counts } = page;
    const shape = { more: page.nextCursor !== undefined, ...(counts !== undefined && { counts }) };
    this.#sentWindow = JSON.stringify({ type: 'window', nodeIds: [...this.#known], ...shape });
    return { type: 'snapshot', nodes: [...page.nodes], ...shape };
  }

  #nextItems(): NodeWatchItem[] {
    const items: NodeWatchItem[] = [];
    while (items.length < BATCH_EVENTS_MAX) {
      const event = this.#next();
      if (event === undefined) break;
      items.push(this.#item(event));
    }
    return items;
  }

  #next(): NodeWatchEvent | undefined {
    const notice = this.#notices.shift();
    if (notice !== undefined) return notice;
    for (const [id, node] of this.#pending) {
      this.#pending.delete(id);
      this.#sinceMs = Math.max(this.#sinceMs, Date.parse(node.updatedAt));
      if (isListed(node, this.#options.query)) {
        this.#learn(id);
        return nodeEvent(node);
      }
      if (this.#known === undefined || this.#known.delete(id)) return { type: 'gone', nodeId: id };
    }
    return this.#nextOfWindow();
  }

  /** The nodes of the window that the client does not have, then the window, unless it is as it was. */
  #nextOfWindow(): NodeWatchEvent | undefined {
    const window = this.#window;
    if (window === undefined) return undefined;
    const unknown = window.nodes.find(({ id }) => this.#known?.has(id) === false);
    if (unknown !== undefined) {
      this.#learn(unknown.id);
      return nodeEvent(unknown);
    }
    this.#window = undefined;
    const text = JSON.stringify(window.event);
    if (text === this.#sentWindow) return undefined;
    this.#sentWindow = text;
    return window.event;
  }

  #awaitWindow(): void {
    if (!this.#isWindowed) return;
    if (this.#awaited !== undefined) {
      this.#isAwaitedStale = true;
      return;
    }
    const awaited = {};
    this.#awaited = awaited;
    this.#isAwaitedStale = false;
    this.#options.windows.request(this.#options.query, (window) => {
      if (this.#awaited !== awaited) return;
      this.#awaited = undefined;
      this.#window = window;
      if (this.#isAwaitedStale) this.#awaitWindow();
      this.#wake?.();
    });
  }

  #learn(id: string): void {
    this.#known?.add(id);
    if (this.#known !== undefined && this.#known.size > KNOWN_NODES_MAX) this.#known = undefined;
  }

  #item(event: NodeWatchEvent): NodeWatchItem {
    return { cursor: String(this.#sinceMs), event };
  }

  /** Only the latest notice matters. */
  #notice(code: string, message: string): void {
    this.#notices.splice(0, this.#notices.length, { type: 'notice', notice: { code, message } });
    this.#wake?.();
  }
}

const nodeEvents = new WeakMap<Node, NodeWatchEvent>();

/** The same object for all watchers, so that it is rendered once. */
function nodeEvent(node: Node): NodeWatchEvent {
  const known = nodeEvents.get(node);
  if (known !== undefined) return known;
  const event: NodeWatchEvent = { type: 'node', node };
  nodeEvents.set(node, event);
  return event;
}
