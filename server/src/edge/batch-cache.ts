import type { FeedBatch } from '../feed/feed-item.js';

/** A shorter batch is rendered again rather than remembered: that costs less than an entry of a WeakMap. */
const REMEMBERED_ITEMS_MIN = 8;

/**
 * Renders each batch once and shares the result between all readers that get the batch. The feed gives a live batch to all of
 * its readers in a row, so the last batch is kept at hand. Readers that catch up get theirs at different times, so long ones
 * are remembered for as long as the feed has them.
 */
export class BatchCache<Rendering> {
  readonly #render: (batch: FeedBatch) => Rendering;
  readonly #renderings = new WeakMap<FeedBatch, Rendered<Rendering>>();
  #last: Rendered<Rendering> | undefined;

  constructor(render: (batch: FeedBatch) => Rendering) {
    this.#render = render;
  }

  get(batch: FeedBatch): Rendering {
    const last = this.#last;
    if (last?.batch === batch) return last.rendering;
    this.#last = batch.length < REMEMBERED_ITEMS_MIN ? this.#rendered(batch) : this.#remembered(batch);
    return this.#last.rendering;
  }

  #remembered(batch: FeedBatch): Rendered<Rendering> {
    const known = this.#renderings.get(batch) ?? this.#rendered(batch);
    this.#renderings.set(batch, known);
    return known;
  }

  #rendered(batch: FeedBatch): Rendered<Rendering> {
    return { batch, rendering: this.#render(batch) };
  }
}

interface Rendered<Rendering> {
  readonly batch: FeedBatch;
  readonly rendering: Rendering;
}
