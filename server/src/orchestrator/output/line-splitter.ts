import { UNREDACTED_CUT } from '../../redaction/cut-mark.js';

/** Bytes of one line that are kept; the rest of a longer line is dropped, and `UNREDACTED_CUT` stands in its place. */
export const LINE_CAP_BYTES = 64 * 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Makes lines out of chunks of bytes, wherever these were cut, also inside a character or between `\r` and `\n`. A line
 * ends with `\n`, `\r\n` or `\r`: each redraw of a progress bar is a line of its own. The same bytes give the same
 * lines however they are cut, so lines can be counted and skipped when a stream is read again.
 */
export class LineSplitter {
  readonly #capBytes: number;
  readonly #parts: Uint8Array[] = [];
  #heldBytes = 0;
  #cut = false;
  #afterReturn = false;

  constructor(capBytes = LINE_CAP_BYTES) {
    this.#capBytes = capBytes;
  }

  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) {
        this.#afterReturn = false;
        continue;
      }
      if (byte === LINE_FEED && this.#afterReturn) {
        // The second half of `\r\n`: its line was returned already.
        this.#afterReturn = false;
      } else {
        this.#hold(chunk.subarray(from, at));
        lines.push(this.#take());
        this.#afterReturn = byte === CARRIAGE_RETURN;
      }
      from = at + 1;
    }
    this.#hold(chunk.subarray(from));
    return lines;
  }

  /** The last line, where it has no end. */
  end(): string[] {
    this.#afterReturn = false;
    return this.#heldBytes > 0 ? [this.#take()] : [];
  }

  #hold(part: Uint8Array): void {
    const room = this.#capBytes - this.#heldBytes;
    if (part.length > room) this.#cut = true;
    if (part.length === 0 || room === 0) return;
    // A copy (a Buffer's `slice` is none): the caller may use its buffer again, and a small part keeps no large one alive.
    const kept = Uint8Array.from(part.subarray(0, room));
    this.#parts.push(kept);
    this.#heldBytes += kept.length;
  }

  #take(): string {
    const bytes = Buffer.concat(this.#parts, this.#heldBytes);
    const end = this.#cut ? characterBoundary(bytes) : bytes.length;
    // Only what was really cut may say so.
    const text =
      bytes.toString('utf8', 0, end).replaceAll(UNREDACTED_CUT, '') + (this.#cut ? UNREDACTED_CUT : '');
    this.#parts.length = 0;
    this.#heldBytes = 0;
    this.#cut = false;
    return text;
  }
}

/** Where the last complete character ends. */
function characterBoundary(bytes: Buffer): number {
  let start = bytes.length - 1;
  while (start > 0 && start > bytes.length - 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  const lead = bytes[start] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start + length > bytes.length ? start : bytes.length;
}
