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
  readonly #renderings = new WeakMap<FeedBatch, Rendering>();
  #lastBatch: FeedBatch | undefined;
  #lastRendering: Rendering | undefined;

  constructor(render: (batch: FeedBatch) => Rendering) {
    this.#render = render;
  }

  get(batch: FeedBatch): Rendering {
    const last = this.#lastRendering;
    if (last !== undefined && this.#lastBatch === batch) return last;
    const rendering = batch.length < REMEMBERED_ITEMS_MIN ? this.#render(batch) : this.#remembered(batch);
    this.#lastBatch = batch;
    this.#lastRendering = rendering;
    return rendering;
  }

  #remembered(batch: FeedBatch): Rendering {
    const known = this.#renderings.get(batch) ?? this.#render(batch);
    this.#renderings.set(batch, known);
    return known;
  }
}
