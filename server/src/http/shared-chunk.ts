/**
 * Bytes as one chunk of a chunked HTTP/1.1 body (RFC 9112, section 7.1). Made once for all streams that are due the same
 * bytes in a row: `response.write` would make three writes of it for each of them.
 */
export function sharedChunk(body: Buffer): Buffer {
  if (last?.body === body) return last.chunk;
  const size = Buffer.from(`${body.length.toString(16)}\r\n`, 'latin1');
  const chunk = Buffer.concat([size, body, LINE_END]);
  last = { body, chunk };
  return chunk;
}

const LINE_END = Buffer.from('\r\n', 'latin1');
let last: { readonly body: Buffer; readonly chunk: Buffer } | undefined;
