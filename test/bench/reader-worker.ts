import { connect, type Socket } from 'node:net';
import { serveCalls } from './calls.js';
import { openFrameReader } from './reader/frame-reader.js';
import { nowMicros, readStamps } from './stamp.js';
import { percentile } from './statistics.js';

/** How readers speak: a plain GET that is answered by a stream, or a WebSocket that is sent these messages first. */
export type ReaderProtocol =
  | {
      readonly kind: 'get';
      /** `{node}` stands for the nodes that `follow` was called with, one after another. */
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'websocket';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly first: readonly string[];
    };

const OPENING_AT_ONCE = 100;
const LATENCIES_MAX = 2_000_000;

const protocol = JSON.parse(process.argv[2] ?? '') as ReaderProtocol;
const sockets: { destroy(): void }[] = [];
let delivered = 0;
let bytes = 0;
let latencies: number[] = [];
let countedFromMicros = 0;
let nodeIds: readonly string[] = [];

serveCalls({
  follow: (ids: readonly string[]) => (nodeIds = ids).length,
  open,
  counts: () => ({ delivered, bytes }),
  reset,
  latency,
  close,
});

async function open(count: number): Promise<void> {
  for (let opened = 0; opened < count; opened += OPENING_AT_ONCE) {
    const now = Math.min(OPENING_AT_ONCE, count - opened);
    await Promise.all(
      Array.from({ length: now }, () => (protocol.kind === 'get' ? openGet() : openSocket())),
    );
  }
}

/** Lines made before now (the history a reader begins with, what came late) do not count any more. */
function reset(): void {
  countedFromMicros = nowMicros();
  delivered = 0;
  bytes = 0;
  latencies = [];
}

function latency(): { p50Ms: number; p99Ms: number } {
  return { p50Ms: percentile(latencies, 50) / 1_000, p99Ms: percentile(latencies, 99) / 1_000 };
}

function close(): void {
  for (const socket of sockets.splice(0)) socket.destroy();
}

/** Counts the lines of what has arrived on one connection, and answers the beginning of one more. */
function count(rest: Buffer, chunk: Buffer): Buffer {
  const arrivedMicros = nowMicros();
  return readStamps(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), (micros) => {
    if (micros < countedFromMicros) return;
    delivered += 1;
    if (latencies.length < LATENCIES_MAX) latencies.push(arrivedMicros - micros);
  });
}

/** Without a parser of HTTP: the reader must cost little, for it shares the machine with what is measured. */
function openGet(): Promise<void> {
  const nodeId = nodeIds[sockets.length % nodeIds.length] ?? '';
  const { hostname, port, pathname, search, host } = new URL(protocol.url.replace('{node}', nodeId));
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(Number(port), hostname);
    sockets.push(socket);
    const lines = Object.entries(protocol.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n${lines.join('')}\r\n`);
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      rest = count(rest, chunk);
      resolve();
    });
    socket.once('error', reject);
  });
}

async function openSocket(): Promise<void> {
  const { url, headers, first } = protocol as Extract<ReaderProtocol, { kind: 'websocket' }>;
  let rest: Buffer = Buffer.alloc(0);
  const socket = await openFrameReader({
    url,
    headers,
    first,
    onBytes: (chunk, textBytes) => {
      bytes += textBytes;
      rest = count(rest, chunk);
    },
  });
  sockets.push(socket);
}
