import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { nodeLogKeys } from '@launchlog/server/redis/keys';
import type { Rival } from './rival.js';

const LINE_FEED = 10;
const DOLLAR = 36;
const EPOCH_LENGTH = 16;
/** `message`, a channel, what was published. */
const PARTS = 3;

/**
 * The limit of many logs with one reader each: announcements from Redis over a plain connection, each sent on as one chunk to
 * the socket of its log. Nothing is checked, kept, resumed, measured or bounded.
 */
export function openBareLogs(server: Server, { redisUrl }: { redisUrl: string }): Rival {
  const { hostname, port } = new URL(redisUrl);
  const redis = connect(Number(port), hostname);
  const readers = new Map<string, Socket>();
  let rest: Buffer = Buffer.alloc(0);
  redis.on('data', (chunk: Buffer) => {
    rest = readAnnouncements(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), (channel, message) => {
      readers.get(channel)?.write(chunkOf(message), 'latin1');
    });
  });
  server.on('request', ({ url = '' }, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': connected\n\n');
    const { channel } = nodeLogKeys(url.slice(1));
    if (response.socket !== null) readers.set(channel, response.socket);
    redis.write(`*2\r\n$9\r\nSUBSCRIBE\r\n$${channel.length}\r\n${channel}\r\n`);
  });
  return {
    send() {
      throw new Error('what it sends is written to Redis');
    },
  };
}

/** An announcement as an event of an event stream, in a chunk of HTTP. Lines of the benchmark are ASCII. */
function chunkOf(message: string): string {
  const json = message.slice(EPOCH_LENGTH + 1);
  const seq = /^\{"seq":(\d+)/.exec(json)?.[1];
  const event = `event: log\nid: ${message.slice(0, EPOCH_LENGTH)}:${seq}\ndata: ${json}\n\n`;
  return `${event.length.toString(16)}\r\n${event}\r\n`;
}

/** Calls back for every whole announcement and answers what follows the last of them. */
function readAnnouncements(bytes: Buffer, onMessage: (channel: string, message: string) => void): Buffer {
  let end = 0;
  for (;;) {
    const parts: string[] = [];
    let at = bytes.indexOf(LINE_FEED, end) + 1;
    while (at > 0 && parts.length < PARTS) {
      const begin = bytes.indexOf(LINE_FEED, at) + 1;
      if (begin === 0) break;
      const isText = bytes[at] === DOLLAR;
      const length = isText ? Number(bytes.toString('latin1', at + 1, begin - 2)) : -2;
      if (begin + length + 2 > bytes.length) break;
      parts.push(isText ? bytes.toString('latin1', begin, begin + length) : '');
      at = begin + length + 2;
    }
    const [kind, channel = '', message = ''] = parts;
    if (parts.length < PARTS) return bytes.subarray(end);
    if (kind === 'message') onMessage(channel, message);
    end = at;
  }
}
