/**
 * A text message of a server as one unmasked WebSocket frame (RFC 6455, section 5.2). It is built by hand so that all
 * sockets that send the same message share its bytes.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerBytes = headerBytesOf(length);
  const frame = Buffer.allocUnsafe(headerBytes + length);
  writeHeader(frame, length);
  frame.write(text, headerBytes);
  return frame;
}

/** One frame of a text that comes in pieces, which are not copied. */
export function framedPieces(pieces: readonly Buffer[]): Buffer[] {
  const length = totalLength(pieces);
  const header = Buffer.allocUnsafe(headerBytesOf(length));
  writeHeader(header, length);
  return [header, ...pieces];
}

/** In bytes. */
export function totalLength(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** Several messages, one frame each. */
export function textFrames(texts: readonly string[]): Buffer {
  const [first = '', ...rest] = texts;
  if (rest.length === 0) return texts.length === 0 ? Buffer.alloc(0) : textFrame(first);
  return Buffer.concat(texts.map(textFrame));
}

const FINAL_TEXT = 0x81;

function headerBytesOf(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10;
}

/** `length`: of the text, in bytes. */
function writeHeader(frame: Buffer, length: number): void {
  frame[0] = FINAL_TEXT;
  if (length < 126) frame[1] = length;
  else if (length < 65_536) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
}
