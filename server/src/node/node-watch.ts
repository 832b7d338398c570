import type { Node } from '@launchlog/shared/node';
import type { NodeWatchQuery } from '@launchlog/shared/node-watch';
import { CHANGE_OVERLAP_MS, type ChangeStore } from './change-store.js';
import type { NodeListener, NodeWatchItem, NodeWatchOptions } from './node-listener.js';
import { NodeWatcher } from './node-watcher.js';
import { NodeWindows } from './node-windows.js';
import { Backoff } from '../wait/backoff.js';

/** How often the registry is polled, however many watchers there are. */
const POLL_MS = 1_000;
const RETRY = { firstMs: 2_000, maxMs: 5_000 };
const PAGE_NODES = 500;
/** The most pages one poll reads. The next poll continues from there. */
const PAGES_MAX = 10;

/**
 * Changes of nodes for every watcher in this process. One poller serves all of them, and runs only while there are any. See
 * decision 82.
 */
export class NodeWatch {
  readonly #options: NodeWatchOptions;
  readonly #windows: NodeWindows;
  readonly #listeners = new Set<NodeListener>();
  /** Recently reported nodes and their content. The overlap reads them again, but they must be reported only once. */
  readonly #reported = new Map<string, { readonly changedAtMs: number; readonly content: string }>();
  /** Undefined while there are no watchers. */
  #sinceMs: number | undefined;
  #stopTimer: (() => void) | undefined;
  #polling = false;
  #again = false;
  #away = false;
  readonly #backoff = new Backoff(RETRY);
  #closed = false;

  constructor(options: NodeWatchOptions) {
    this.#options = options;
    this.#windows = new NodeWindows(options);
  }

  /** The present number of listeners. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Notifies the listener of every change that becomes visible from now on, until the returned function is called. */
  listen(listener: NodeListener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#schedule(0);
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#rest();
    };
  }

  /**
   * Yields a snapshot, then the changes in batches, until the signal is aborted. With a cursor it yields only the changes
   * since, unless there are too many or the query has a window. Rejects if the registry is unavailable at the beginning; later that is a notice.
   */
  watch(
    query: NodeWatchQuery,
    resume: string | undefined,
    signal: AbortSignal,
  ): AsyncIterable<readonly NodeWatchItem[]> {
    return new NodeWatcher({ ...this.#options, watch: this, windows: this.#windows, query, resume, signal });
  }

  /** Polls at once, because this process changed something. */
  nudge(): void {
    if (this.#listeners.size === 0) return;
    if (this.#polling) this.#again = true;
    else this.#schedule(0);
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    this.#windows.close();
    this.#rest();
  }

  #rest(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#sinceMs = undefined;
    this.#reported.clear();
  }

  #schedule(delayMs: number): void {
    this.#stopTimer?.();
    if (this.#closed || this.#listeners.size === 0) return;
    this.#stopTimer = this.#options.clock.after(delayMs, () => void this.#poll());
  }

  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    this.#again = false;
    let pauseMs = POLL_MS;
    try {
      await this.#read();
      this.#backoff.reset();
      if (this.#away) for (const listener of this.#listeners) listener.back();
      this.#away = false;
    } catch {
      if (!this.#away) for (const listener of this.#listeners) listener.away();
      this.#away = true;
      pauseMs = this.#backoff.nextMs();
    } finally {
      this.#polling = false;
    }
    this.#schedule(this.#again ? 0 : pauseMs);
  }

  async #read(): Promise<void> {
    const { changes } = this.#options;
    // The first listener takes its own snapshot, so changes before the overlap are not reported.
    this.#sinceMs ??= await changes.now();
    let cursor: Parameters<ChangeStore['changedSince']>[0] = {
      changedAtMs: this.#sinceMs - CHANGE_OVERLAP_MS,
    };
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const nodes = await changes.changedSince(cursor, PAGE_NODES);
      this.#report(nodes);
      const last = nodes.at(-1);
      if (last === undefined) break;
      cursor = { changedAtMs: Date.parse(last.updatedAt), afterId: last.id };
      if (this.#sinceMs !== undefined) this.#sinceMs = Math.max(this.#sinceMs, cursor.changedAtMs);
      if (nodes.length < PAGE_NODES) break;
    }
    this.#forget();
  }

  #report(nodes: readonly Node[]): void {
    const news = nodes.filter((node) => {
      // Ignores the forecast: it is the remaining time, which changes all the time.
      const content = JSON.stringify({ ...node, eta: node.eta?.samples });
      if (this.#reported.get(node.id)?.content === content) return false;
      this.#reported.set(node.id, { changedAtMs: Date.parse(node.updatedAt), content });
      return true;
    });
    if (news.length > 0) for (const listener of this.#listeners) listener.changed(news);
  }

  #forget(): void {
    const before = (this.#sinceMs ?? 0) - CHANGE_OVERLAP_MS;
    for (const [id, { changedAtMs }] of this.#reported) if (changedAtMs < before) this.#reported.delete(id);
  }
}
