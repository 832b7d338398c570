import type { Clock } from '../../clock.js';
import { UNREDACTED_CUT } from '../../redaction/cut-mark.js';
import { Backoff } from '../../wait/backoff.js';
import { LineSplitter } from '../output/line-splitter.js';
import { decodePayloadLine } from '../output/skypilot-payload.js';
import type { SkypilotStream } from './api-connection.js';
import { SkypilotError } from './error.js';

/** SkyPilot sends a heartbeat every 30 s; a connection that is silent for this long is dead. */
const SILENCE_MAX_MS = 100_000;
const REOPEN = { firstMs: 250, maxMs: 10_000 };
/** How often a stream is read after its request has ended, before its remaining lines are abandoned. */
const READS_AFTER_END_MAX = 4;

interface FollowedStream {
  /** Opens the stream at its beginning: the server cannot start elsewhere. */
  open(signal: AbortSignal): Promise<SkypilotStream>;
  /** Whether the stream is complete. The end of the bytes does not show this: a cut looks the same. */
  isOver(signal: AbortSignal): Promise<boolean>;
  /** The number of lines that an earlier reader reported. */
  readonly skipLines: number;
}

export type FollowedItem =
  /** `count` is the number of this line, from 1. */
  | { readonly kind: 'line'; readonly text: string; readonly count: number }
  | { readonly kind: 'spinner'; readonly text: string }
  | { readonly kind: 'cut'; readonly message: string }
  /** The last lines could not be read. */
  | { readonly kind: 'incomplete'; readonly message: string };

/**
 * Reads an output stream of SkyPilot's server to its end, however often the connection breaks. After each break it opens the
 * stream again, which replays it from its first byte, and skips the lines already seen by their number. A line that a break
 * has cut is not reported. Rejects with the errors of `open` and `isOver` that are not passing.
 */
export class SkypilotStreamFollower {
  readonly #stream: FollowedStream;
  readonly #clock: Clock;
  #seen: number;
  #spinner = '';

  constructor(stream: FollowedStream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
    this.#seen = stream.skipLines;
  }

  async *items(signal: AbortSignal): AsyncGenerator<FollowedItem> {
    let readsAfterEnd = 0;
    let over = false;
    const backoff = new Backoff(REOPEN);
    for (;;) {
      const seenBefore = this.#seen;
      const cut = yield* this.#read(over, signal);
      if (over && cut === undefined) return;
      if (over) readsAfterEnd += 1;
      if (readsAfterEnd >= READS_AFTER_END_MAX) {
        yield {
          kind: 'incomplete',
          message: `the last lines of SkyPilot's output could not be read: ${cut}`,
        };
        return;
      }
      // Only a reading that began after the end is complete: a proxy's cut can look like a proper end.
      over ||= await this.#isOver(signal);
      if (over && cut === undefined) continue;
      if (this.#seen > seenBefore) backoff.reset();
      yield { kind: 'cut', message: cut ?? 'the stream ended before the request did' };
      await backoff.wait(this.#clock, signal);
    }
  }

  /** Reads the stream once. Returns why it was cut; undefined if it ended properly. */
  async *#read(over: boolean, signal: AbortSignal): AsyncGenerator<FollowedItem, string | undefined> {
    const silence = new AbortController();
    const splitter = new LineSplitter();
    let index = 0;
    try {
      const { bytes } = await this.#stream.open(AbortSignal.any([signal, silence.signal]));
      for await (const chunk of this.#chunks(bytes as AsyncIterable<Uint8Array>, silence)) {
        for (const line of splitter.push(chunk)) index = yield* this.#take(line, index);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SkypilotError && !error.passing) throw error;
      return error instanceof Error ? error.message : String(error);
    }
    // A line without its end may be half a line: it is reported only at the very end, marked as cut.
    if (over) for (const line of splitter.end()) index = yield* this.#take(line, index, UNREDACTED_CUT);
    return undefined;
  }

  *#take(line: string, index: number, end = ''): Generator<FollowedItem, number> {
    const { payloads, text } = decodePayloadLine(line);
    // The replayed part contains old spinner texts too.
    const live = index >= this.#seen;
    for (const payload of payloads) {
      if (!live || payload.kind !== 'spinner' || payload.text === this.#spinner) continue;
      this.#spinner = payload.text;
      if (payload.text !== '') yield { kind: 'spinner', text: payload.text };
    }
    if (text === undefined) return index;
    if (index + 1 > this.#seen) {
      this.#seen = index + 1;
      yield { kind: 'line', text: text + end, count: this.#seen };
    }
    return index + 1;
  }

  async *#chunks(bytes: AsyncIterable<Uint8Array>, silence: AbortController): AsyncGenerator<Uint8Array> {
    const arm = () =>
      this.#clock.after(SILENCE_MAX_MS, () =>
        silence.abort(new Error(`the stream was silent for ${SILENCE_MAX_MS / 1_000} s`)),
      );
    let disarm = arm();
    try {
      for await (const chunk of bytes) {
        disarm();
        yield chunk;
        disarm = arm();
      }
    } finally {
      disarm();
    }
  }

  async #isOver(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#stream.isOver(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SkypilotError && error.passing) return false;
      throw error;
    }
  }
}
