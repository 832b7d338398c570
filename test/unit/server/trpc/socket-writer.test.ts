import { EventEmitter } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { ClosingSocket } from '@launchlog/server/trpc/closing-socket';
import { SocketWriter } from '@launchlog/server/trpc/socket-writer';

const WINDOW_BYTES = 64_000;

/** A client that answers its pings when the test lets it. */
class PingedSocket extends EventEmitter {
  readonly pings: string[] = [];

  ping(payload: string): void {
    this.pings.push(payload);
  }

  answer(): void {
    this.emit('pong', Buffer.from(this.pings.shift() ?? ''));
  }
}

function start({ isShared = false, connection = new PassThrough({ highWaterMark: 1e9 }) as Duplex } = {}) {
  const socket = new PingedSocket();
  connection.resume();
  const drains: number[] = [];
  const writer = new SocketWriter({
    socket: socket as unknown as ClosingSocket,
    connection,
    windowBytes: WINDOW_BYTES,
    onDrain: () => void drains.push(writer.confirmedBytes),
  });
  writer.isShared = isShared;
  return { socket, writer, drains };
}

test('the progress of a client that is behind is measured in small steps', () => {
  const { socket, writer } = start();
  while (writer.write(Buffer.alloc(500))) continue;
  let before = 0;
  let most = 0;
  while (socket.pings.length > 0) {
    socket.answer();
    expect(writer.confirmedBytes).toBeGreaterThan(before);
    most = Math.max(most, writer.confirmedBytes - before);
    before = writer.confirmedBytes;
  }
  // At 2 KB/s an answer within 30 s, with the window of 256 KB.
  expect(most).toBeLessThan(WINDOW_BYTES * 0.23);
});

test('a client that keeps up is pinged a few times a window', () => {
  const { socket, writer } = start();
  let pings = 0;
  for (let sent = 0; sent < 10 * WINDOW_BYTES; sent += 500) {
    expect(writer.write(Buffer.alloc(500))).toBe(true);
    while (socket.pings.length > 0) {
      socket.answer();
      pings += 1;
    }
  }
  expect(pings).toBeLessThan(50);
});

test.each([
  ['a close frame', ({ socket }: Started) => socket.emit('closing')],
  ['the end of the connection', ({ connection }: Started) => connection.emit('end')],
  ['a failure of the connection', ({ connection }: Started) => connection.emit('error', new Error('reset'))],
  ['the loss of the connection', ({ connection }: Started) => connection.emit('close')],
])('after %s a socket takes nothing and is not pinged', (_, begin) => {
  const { connection, calls } = countingConnection();
  const { socket, writer } = start({ connection });
  begin({ socket, connection });
  expect(writer.write(Buffer.alloc(WINDOW_BYTES))).toBe(false);
  writer.ping();
  expect([calls, socket.pings, writer.isBehind]).toEqual([[], [], false]);
});

test('a client confirms no more than it was sent, and takes nothing back', () => {
  const { socket, writer } = start();
  writer.write(Buffer.alloc(40_000));
  expect(writer.isBehind).toBe(true);
  for (const [payload, confirmed] of [
    ['40001', 0],
    ['x', 0],
    ['30000', 30_000],
    ['20000', 30_000],
    ['40000', 40_000],
  ] as const) {
    socket.emit('pong', Buffer.from(payload));
    expect(writer.confirmedBytes).toBe(confirmed);
  }
  expect(writer.isBehind).toBe(false);
});

test('a full socket has room again when half of its window is confirmed, and that once', () => {
  const { socket, writer, drains } = start();
  writer.write(Buffer.alloc(1_000));
  socket.emit('pong', Buffer.from('1000'));
  expect(drains).toEqual([]);
  expect(writer.write(Buffer.alloc(WINDOW_BYTES + 1))).toBe(false);
  socket.emit('pong', Buffer.from('2000'));
  expect(drains).toEqual([]);
  socket.emit('pong', Buffer.from('40000'));
  socket.emit('pong', Buffer.from('50000'));
  expect(drains).toEqual([40_000]);
});

test('what the subscriptions of one socket write in one turn leaves in one call, in order', async () => {
  const { connection, calls } = countingConnection();
  const { writer } = start({ isShared: true, connection });
  for (const text of ['a', 'b', 'c']) writer.write(Buffer.from(text));
  await Promise.resolve();
  writer.write(Buffer.from('d'));
  await Promise.resolve();
  expect(calls).toEqual(['abc', 'd']);
});

test('a ping leaves in one call with what it follows', async () => {
  const { connection, calls } = countingConnection();
  const { socket, writer } = start({ connection });
  socket.ping = () => void connection.write('ping');
  writer.write(Buffer.from('a'));
  writer.write(Buffer.alloc(WINDOW_BYTES / 2, 'b'));
  await Promise.resolve();
  expect(calls.map((call) => call.replace(/b+/, 'b'))).toEqual(['a', 'bping']);
});

test('a frame in pieces is whole: the ping that is due follows it', async () => {
  const { connection, calls } = countingConnection();
  const { socket, writer } = start({ connection });
  socket.ping = () => void connection.write('ping');
  const pieces = ['a', 'b', 'c'].map((text) => Buffer.alloc(WINDOW_BYTES / 2, text));
  expect(writer.writePieces(pieces)).toBe(false);
  await Promise.resolve();
  expect(calls.map((call) => call.replaceAll(/(.)\1+/g, '$1'))).toEqual(['abcping']);
  socket.emit('pong', Buffer.from(String((WINDOW_BYTES * 3) / 2)));
  expect([writer.confirmedBytes, writer.isBehind]).toEqual([(WINDOW_BYTES * 3) / 2, false]);
  expect(writer.writePieces([])).toBe(true);
  socket.emit('closing');
  expect(writer.writePieces(pieces)).toBe(false);
  // What was corked leaves in a microtask.
  await Promise.resolve();
  expect(calls).toHaveLength(1);
});

test('the only subscription of a socket writes at once', () => {
  const { connection, calls } = countingConnection();
  const { writer } = start({ connection });
  for (const text of ['a', 'b']) writer.write(Buffer.from(text));
  expect(calls).toEqual(['a', 'b']);
});

interface Started {
  readonly socket: PingedSocket;
  readonly connection: Duplex;
}

/** A connection, and the bytes of each call that it makes to what lies below. */
function countingConnection() {
  const calls: string[] = [];
  const connection = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      calls.push(chunk.toString());
      done();
    },
    writev(chunks, done) {
      calls.push(chunks.map(({ chunk }) => (chunk as Buffer).toString()).join(''));
      done();
    },
  });
  return { connection, calls };
}
