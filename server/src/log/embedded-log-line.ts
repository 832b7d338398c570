import { crc32 } from './crc-32.js';

/*
 * A line of a log's file is a JSON object that begins with the checksum of the rest. The checksum of an entry includes
 * the epoch of its log, so that an entry whose neighbours are lost still shows which log it belongs to.
 */

/** Adds the checksum to a line without its end. `epoch` is empty for a change. */
export function sealLine(body: string, epoch = ''): string {
  const sum = crc32(Buffer.from(body), crc32(Buffer.from(epoch)));
  return `${SEAL}${sum.toString(16).padStart(SUM_DIGITS, '0')}${SEAL_END}${body.slice(1)}`;
}

/** A line of the file, or a part of one that begins like a line. */
export class FileLine {
  /** The JSON without the checksum. */
  readonly body: string;
  /** Files of version 0.1.0 have no checksums. */
  readonly sealed: boolean;
  readonly #bytes: Uint8Array;
  readonly #sum: string | undefined;

  constructor(bytes: Buffer) {
    const head = bytes.toString('latin1', 0, SEAL_BYTES);
    this.sealed = head.startsWith(SEAL);
    this.#sum =
      this.sealed && head.endsWith(SEAL_END) ? head.slice(SEAL.length, -SEAL_END.length) : undefined;
    this.#bytes = this.sealed ? bytes.subarray(SEAL_BYTES) : bytes;
    this.body = this.sealed ? `{${bytes.toString('utf8', SEAL_BYTES)}` : bytes.toString('utf8');
  }

  get isJson(): boolean {
    try {
      return typeof JSON.parse(this.body) === 'object';
    } catch {
      return false;
    }
  }

  /** Whether it begins like a line of ours, rather than like remains on a disk. */
  get looksWritten(): boolean {
    return this.body.startsWith('{');
  }

  /** Undefined if it is not an entry. */
  get seq(): number | undefined {
    const seq = Number(/^\{"seq":([1-9]\d{0,14})[,}]/.exec(this.body)?.[1]);
    return Number.isSafeInteger(seq) ? seq : undefined;
  }

  /** Whether the checksum is that of this line in this epoch. */
  holds(epoch = ''): boolean {
    if (this.#sum === undefined) return false;
    const sum = crc32(this.#bytes, crc32(OPENING, crc32(Buffer.from(epoch))));
    return Number.parseInt(this.#sum, 16) === sum && /^[0-9a-f]+$/.test(this.#sum);
  }
}

/**
 * The lines of a file. Where a line end was damaged, two lines have become one: what begins like a line is also tried
 * as one. `cut`: the file ends in the middle of the last line.
 */
export function* fileLines(content: Buffer): Generator<{ readonly line: FileLine; readonly cut: boolean }> {
  for (let from = 0; from < content.length;) {
    const newline = content.indexOf(NEWLINE, from);
    const end = newline < 0 ? content.length : newline;
    const whole = content.subarray(from, end);
    const starts = [0, ...startsWithin(whole)];
    for (const [index, start] of starts.entries()) {
      const next = starts[index + 1];
      // The byte before the next line is the damaged line end.
      const part = whole.subarray(start, next === undefined ? undefined : next - 1);
      yield { line: new FileLine(part), cut: newline < 0 && next === undefined };
    }
    from = end + 1;
  }
}

function startsWithin(line: Buffer): number[] {
  const starts: number[] = [];
  for (let at = line.indexOf(SEAL, 1); at > 0; at = line.indexOf(SEAL, at + 1)) starts.push(at);
  return starts;
}

const SEAL = '{"sum":"';
const SUM_DIGITS = 8;
const SEAL_END = '",';
const SEAL_BYTES = SEAL.length + SUM_DIGITS + SEAL_END.length;
const OPENING = Buffer.from('{');
const NEWLINE = 0x0a;
