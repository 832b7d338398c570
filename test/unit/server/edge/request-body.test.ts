import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { readBody } from '@launchlog/server/edge/request-body';

/** A request whose body is written by the test. */
function request(headers: Record<string, string> = {}) {
  return Object.assign(new PassThrough(), { headers }) as unknown as IncomingMessage & PassThrough;
}
const TOO_LARGE = 'the body must have at most 4 bytes';

test('a body of the most bytes is read whole, in pieces too', async () => {
  const incoming = request({ 'content-length': '4' });
  const read = readBody(incoming, 4);
  incoming.write('ab');
  incoming.end('cd');
  expect((await read).toString()).toBe('abcd');
});

test('a body that declares itself larger is refused before it comes', async () => {
  await expect(readBody(request({ 'content-length': '5' }), 4)).rejects.toThrow(TOO_LARGE);
});

test('a body that turns out to be larger is refused, and the rest is read to nothing', async () => {
  const incoming = request();
  const read = readBody(incoming, 4);
  incoming.write('abc');
  incoming.write('de');
  await expect(read).rejects.toThrow(TOO_LARGE);
  incoming.write('more');
  incoming.end();
  await expect.poll(() => incoming.readableEnded).toBe(true);
});

test('a client that does not stop sending is disconnected', async () => {
  const incoming = request();
  const read = readBody(incoming, 4);
  incoming.write('abcde');
  await expect(read).rejects.toThrow(TOO_LARGE);
  const piece = Buffer.alloc(16 * 1024 * 1024);
  for (let number = 0; number < 4; number += 1) incoming.emit('data', piece);
  expect(incoming.destroyed).toBe(false);
  incoming.emit('data', piece);
  expect(incoming.destroyed).toBe(true);
});

test('a request that is cut off is refused', async () => {
  const incoming = request();
  const read = readBody(incoming, 4);
  incoming.write('ab');
  incoming.destroy();
  await expect(read).rejects.toThrow('the request was cut off');
});
