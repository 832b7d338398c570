import type { FeedBatch } from '../feed/feed-item.js';

/**
 * What a transport made of a batch, made once and shared by all readers that get the batch. The feed hands a batch to
 * all of them in a row, so the last one is looked at first: a WeakMap costs as much as the rest of a delivery.
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
