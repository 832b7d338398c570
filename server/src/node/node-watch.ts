import type { Node } from '@launchlog/shared/node';
import type { NodeWatchQuery } from '@launchlog/shared/node-watch';
import { CHANGE_OVERLAP_MS, type ChangeStore } from './change-store.js';
import type { NodeListener, NodeWatchItem, NodeWatchOptions } from './node-listener.js';
import { NodeWatcher } from './node-watcher.js';
import { Backoff } from '../wait/backoff.js';

/** One question to the registry in so long, whatever the number of watchers. */
const POLL_MS = 1_000;
const RETRY = { firstMs: 2_000, maxMs: 5_000 };
const PAGE_NODES = 500;
/** One poll reads so many pages at most; the next one goes on there. */
const PAGES_MAX = 10;

/** Changes of nodes, for all who watch in this process: one poller, which runs while somebody does. */
export class NodeWatch {
  readonly #options: NodeWatchOptions;
  readonly #listeners = new Set<NodeListener>();
  /** Nodes that changed lately, as they were told: what is read again because of the overlap is told once. */
  readonly #told = new Map<string, { readonly changedAtMs: number; readonly content: string }>();
  /** Undefined while nobody watches. */
  #sinceMs: number | undefined;
  #stopTimer: (() => void) | undefined;
  #polling = false;
  #again = false;
  #away = false;
  readonly #backoff = new Backoff(RETRY);
  #closed = false;

  constructor(options: NodeWatchOptions) {
    this.#options = options;
  }

  /** Those who watch now. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Tells every change that becomes visible from now on, until the returned function is called. */
  listen(listener: NodeListener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#schedule(0);
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#rest();
    };
  }

  /**
   * A snapshot, then each change, until the signal. With a cursor only what has changed since, where that is not too
   * much. Rejects when the registry does not answer at the beginning; later that is a notice.
   */
  watch(
    query: NodeWatchQuery,
    resume: string | undefined,
    signal: AbortSignal,
  ): AsyncIterable<NodeWatchItem> {
    return new NodeWatcher({ ...this.#options, watch: this, query, resume, signal });
  }

  /** Something was changed here: look at once. */
  nudge(): void {
    if (this.#listeners.size === 0) return;
    if (this.#polling) this.#again = true;
    else this.#schedule(0);
  }

  /** Harmless when called twice. */
  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    this.#rest();
  }

  #rest(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#sinceMs = undefined;
    this.#told.clear();
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
    // Who comes first has a snapshot of its own; nothing from before the overlap is news to anybody.
    this.#sinceMs ??= await changes.now();
    let place: Parameters<ChangeStore['changedSince']>[0] = {
      changedAtMs: this.#sinceMs - CHANGE_OVERLAP_MS,
    };
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const nodes = await changes.changedSince(place, PAGE_NODES);
      this.#tell(nodes);
      const last = nodes.at(-1);
      if (last === undefined) break;
      place = { changedAtMs: Date.parse(last.updatedAt), afterId: last.id };
      if (this.#sinceMs !== undefined) this.#sinceMs = Math.max(this.#sinceMs, place.changedAtMs);
      if (nodes.length < PAGE_NODES) break;
    }
    this.#forget();
  }

  #tell(nodes: readonly Node[]): void {
    const news = nodes.filter((node) => {
      // The forecast is told as the time until then, which changes by itself.
      const content = JSON.stringify({ ...node, eta: node.eta?.samples });
      if (this.#told.get(node.id)?.content === content) return false;
      this.#told.set(node.id, { changedAtMs: Date.parse(node.updatedAt), content });
      return true;
    });
    if (news.length > 0) for (const listener of this.#listeners) listener.changed(news);
  }

  #forget(): void {
    const before = (this.#sinceMs ?? 0) - CHANGE_OVERLAP_MS;
    for (const [id, { changedAtMs }] of this.#told) if (changedAtMs < before) this.#told.delete(id);
  }
}
