import type { FeedBatch } from '../feed/feed-item.js';

/**
 * Renders each batch once and shares the result between all readers that get the batch. The feed gives one batch to all
 * of its readers in a row, so `get` checks the last batch first: a WeakMap look-up costs as much as the rest of a
 * delivery.
 */
export class BatchCache<Rendering> {
  readonly #render: (batch: FeedBatch) => Rendering;
  readonly #renderings = new WeakMap<FeedBatch, { readonly rendering: Rendering }>();
  #last: { readonly batch: FeedBatch; readonly rendering: Rendering } | undefined;

  constructor(render: (batch: FeedBatch) => Rendering) {
    this.#render = render;
  }

  get(batch: FeedBatch): Rendering {
    const last = this.#last;
    if (last?.batch === batch) return last.rendering;
    let known = this.#renderings.get(batch);
    if (known === undefined) {
      known = { rendering: this.#render(batch) };
      this.#renderings.set(batch, known);
    }
    this.#last = { batch, rendering: known.rendering };
    return known.rendering;
  }
}
