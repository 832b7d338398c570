/** A sink that has had no room for so long, and whose client took nothing meanwhile, is given up. */
export const STALL_MS = 30_000;

/** How long a sink has had no room although its client could have made some. */
export class StallClock {
  #sinceMs = 0;
  #progress = 0;

  /** The sink has become full. */
  begin(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  /** Asked every second or so, of a sink that is full. A client that took something begins anew. */
  stalledMs(nowMs: number, sink: { progress?(): number }): number {
    const progress = sink.progress?.() ?? 0;
    if (progress !== this.#progress) this.#sinceMs = nowMs;
    this.#progress = progress;
    return nowMs - this.#sinceMs;
  }
}
