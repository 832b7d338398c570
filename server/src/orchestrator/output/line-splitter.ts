import { UNREDACTED_CUT } from '../../redaction/cut-mark.js';

/** How many bytes of one line are kept. `UNREDACTED_CUT` replaces the rest of a longer line. */
export const LINE_CAP_BYTES = 64 * 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Splits chunks of bytes into lines. A line ends with `\n`, `\r\n` or `\r`, so each redraw of a progress bar is a line of
 * its own. The same bytes give the same lines wherever the chunks are cut, even inside a character or between `\r` and
 * `\n`: lines can be counted, and skipped when a stream is read again.
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
        // The second half of `\r\n`: this line has been returned.
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

  /** Returns the last line if it has no line end. */
  end(): string[] {
    this.#afterReturn = false;
    return this.#heldBytes > 0 ? [this.#take()] : [];
  }

  #hold(part: Uint8Array): void {
    const freeBytes = this.#capBytes - this.#heldBytes;
    if (part.length > freeBytes) this.#cut = true;
    if (part.length === 0 || freeBytes === 0) return;
    // Copied (a Buffer's `slice` is not a copy): the caller may reuse its buffer, and a small part must not keep a large
    // buffer alive.
    const kept = Uint8Array.from(part.subarray(0, freeBytes));
    this.#parts.push(kept);
    this.#heldBytes += kept.length;
  }

  #take(): string {
    const bytes = Buffer.concat(this.#parts, this.#heldBytes);
    const end = this.#cut ? characterBoundary(bytes) : bytes.length;
    // Only a line that was cut may carry the mark.
    const text =
      bytes.toString('utf8', 0, end).replaceAll(UNREDACTED_CUT, '') + (this.#cut ? UNREDACTED_CUT : '');
    this.#parts.length = 0;
    this.#heldBytes = 0;
    this.#cut = false;
    return text;
  }
}

/** Returns where the last complete character ends. */
function characterBoundary(bytes: Buffer): number {
  let start = bytes.length - 1;
  while (start > 0 && start > bytes.length - 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  const lead = bytes[start] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start + length > bytes.length ? start : bytes.length;
}
