/**
 * A text message of a server as one unmasked WebSocket frame (RFC 6455, section 5.2). It is built by hand so that all
 * sockets that send the same message share its bytes.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerBytes + length);
  frame[0] = FINAL_TEXT;
  if (headerBytes === 2) frame[1] = length;
  else if (headerBytes === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headerBytes);
  return frame;
}

/** Several messages, one frame each. */
export function textFrames(texts: readonly string[]): Buffer {
  const [first = '', ...rest] = texts;
  if (rest.length === 0) return texts.length === 0 ? Buffer.alloc(0) : textFrame(first);
  return Buffer.concat(texts.map(textFrame));
}

const FINAL_TEXT = 0x81;
