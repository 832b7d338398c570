import { expect, test } from 'vitest';
import { MessageTap } from '@launchlog/server/redis/message-tap';

const MESSAGE = '{"seq":1}\n{"seq":2}\r\nZürich $5\r\n';

function text(value: string): string {
  return `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
}

function published(kind: string, channel: string, message: string, mark = '>'): string {
  return `${mark}3\r\n${text(kind)}${text(channel)}${text(message)}`;
}

/** Every kind of value, and messages among them. */
const STREAM = [
  '+OK\r\n',
  published('message', 'a', MESSAGE),
  ':7\r\n',
  `>3\r\n${text('subscribe')}${text('b')}:1\r\n`,
  published('message', 'b', '', '*'),
  published('smessage', 'ö', 'x'.repeat(300)),
  '$-1\r\n',
  '*2\r\n*1\r\n:1\r\n$0\r\n\r\n',
  `%1\r\n${text('proto')}:3\r\n`,
  `|1\r\n+ttl\r\n:1\r\n#t\r\n`,
  `>3\r\n${text('message')}${text('a')}_\r\n`,
  published('message', 'a', 'last'),
  '-ERR no\r\n',
].map((value) => Buffer.from(value));

function tapped(chunks: readonly Buffer[]): string[] {
  const seen: string[] = [];
  const tap = new MessageTap(
    (channel, message) => seen.push(`${channel}: ${message.toString()}`),
    (bytes) => seen.push(bytes.toString()),
  );
  for (const chunk of chunks) tap.take(chunk);
  return seen;
}

const EXPECTED = STREAM.map((value, index) => {
  const messages: Record<number, string> = {
    1: `a: ${MESSAGE}`,
    4: 'b: ',
    5: `ö: ${'x'.repeat(300)}`,
    11: 'a: last',
  };
  return messages[index] ?? value.toString();
});

test('messages are taken, and everything else is passed on as it came, in order', () => {
  expect(tapped(STREAM)).toEqual(EXPECTED);
  expect(tapped([Buffer.concat(STREAM)])).toEqual(EXPECTED);
});

test('it does not matter where the bytes are divided', () => {
  const bytes = Buffer.concat(STREAM);
  for (let at = 1; at < bytes.length; at += 1) {
    expect(tapped([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(EXPECTED);
  }
  expect(tapped(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(EXPECTED);
});

test.each(['HTTP/1.1 400 Bad Request\r\n\r\n', '*x\r\n', '$many\r\n'])(
  'what is no answer of Redis is left to the client library, with all that follows: %j',
  (noise) => {
    const bytes = noise + published('message', 'a', 'x');
    expect(tapped([Buffer.from('+OK\r\n'), Buffer.from(bytes)])).toEqual(['+OK\r\n', bytes]);
  },
);
