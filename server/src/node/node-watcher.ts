import { OPAQUE_CURSOR_FAULT } from '@launchlog/shared/cursor';
import { FieldError } from '@launchlog/shared/error-code';
import type { Node } from '@launchlog/shared/node';
import type { NodeWatchEvent, NodeWatchQuery } from '@launchlog/shared/node-watch';
import { belongsTo } from '../node-owner.js';
import { CHANGE_OVERLAP_MS } from './change-store.js';
import type { NodeListener, NodeWatchItem, NodeWatchOptions } from './node-listener.js';

/** The most changed nodes kept for one slow watcher. Beyond that it gets a new snapshot. */
const PENDING_NODES_MAX = 1_000;
/** With more changes than this since its cursor, a watcher gets a new snapshot. */
const RESUME_NODES_MAX = 500;
/** The most nodes remembered as known to one watcher. Beyond that it is assumed to know all. */
const KNOWN_NODES_MAX = 10_000;
const CURSOR_PATTERN = /^[0-9]{1,15}$/;

interface NodeWatcherOptions extends NodeWatchOptions {
  readonly watch: { listen(listener: NodeListener): () => void };
  readonly query: NodeWatchQuery;
  /** The cursor of the last item that the watcher received. */
  readonly resume: string | undefined;
  readonly signal: AbortSignal;
}

/** One watcher. Only the latest state of each node is kept for it, so that a slow watcher costs bounded memory. */
export class NodeWatcher implements AsyncIterable<NodeWatchItem>, NodeListener {
  readonly #options: NodeWatcherOptions;
  /** Ordered by the time of their change. */
  readonly #pending = new Map<string, Node>();
  readonly #notices: NodeWatchEvent[] = [];
  /** Undefined means that it may know any node. */
  #known: Set<string> | undefined = new Set();
  #sinceMs = 0;
  #snapshotDue = true;
  #wake: (() => void) | undefined;

  /** Throws a LaunchlogError for an invalid cursor. */
  constructor(options: NodeWatcherOptions) {
    this.#options = options;
    if (options.resume === undefined) return;
    if (!CURSOR_PATTERN.test(options.resume)) {
      throw new FieldError('lastEventId', OPAQUE_CURSOR_FAULT);
    }
    this.#sinceMs = Number(options.resume);
    this.#snapshotDue = false;
    this.#known = undefined;
  }

  changed(nodes: readonly Node[]): void {
    for (const node of nodes) {
      // Not even as gone: the watcher may be bound to an owner, and must not learn of other nodes.
      if (!belongsTo(node, this.#options.query)) continue;
      // Moves to the end. Reports must follow the order of the changes, or a cut would lose the older one.
      this.#pending.delete(node.id);
      this.#pending.set(node.id, node);
    }
    if (this.#pending.size > PENDING_NODES_MAX) {
      this.#pending.clear();
      this.#snapshotDue = true;
    }
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

  async *[Symbol.asyncIterator](): AsyncGenerator<NodeWatchItem, void> {
    const { signal, watch } = this.#options;
    if (signal.aborted) return;
    const onAbort = () => this.#wake?.();
    signal.addEventListener('abort', onAbort, { once: true });
    const stop = watch.listen(this);
    try {
      await this.#catchUp();
      while (!signal.aborted) {
        if (this.#snapshotDue) yield this.#item(await this.#snapshot());
        const event = this.#next();
        if (event !== undefined) yield this.#item(event);
        else if (!this.#snapshotDue) await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      stop();
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
    const nowMs = await changes.now();
    const page = await nodes.list(query);
    this.#sinceMs = Math.max(this.#sinceMs, nowMs);
    this.#known = new Set(page.nodes.map(({ id }) => id));
    return { type: 'snapshot', nodes: [...page.nodes], more: page.nextCursor !== undefined };
  }

  #next(): NodeWatchEvent | undefined {
    const notice = this.#notices.shift();
    if (notice !== undefined) return notice;
    for (const [id, node] of this.#pending) {
      this.#pending.delete(id);
      this.#sinceMs = Math.max(this.#sinceMs, Date.parse(node.updatedAt));
      if (isWanted(node, this.#options.query)) {
        this.#learn(id);
        return { type: 'node', node };
      }
      if (this.#known === undefined || this.#known.delete(id)) return { type: 'gone', nodeId: id };
    }
    return undefined;
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

/** The same filter as that of the list. */
function isWanted(node: Node, query: NodeWatchQuery): boolean {
  const { status, provider, region, q } = query;
  return (
    belongsTo(node, query) &&
    (status?.includes(node.status) ?? true) &&
    (provider === undefined || provider === node.provider) &&
    (region === undefined || region === node.region) &&
    (q === undefined || mentions(node, q.toLowerCase()))
  );
}

function mentions({ clusterName, modelName, id }: Node, text: string): boolean {
  return [clusterName, modelName, id].some((field) => field.toLowerCase().includes(text));
}
