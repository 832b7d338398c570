import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer, type WebSocket } from 'ws';
import { logItems } from '@launchlog/server/feed/log-item';
import { renderBatch } from '@launchlog/server/http/sse/sse-frame';
import { messagePrefix, renderFrames } from '@launchlog/server/trpc/log-stream-frames';
import { serveCalls } from '../calls.js';
import { nowMicros, stampedEntry } from '../stamp.js';
import { openBareLogs } from './bare-logs.js';
import { openPoller } from './poller.js';
import type { Rival, RivalKind, RivalLine } from './rival.js';
import { openSocketIo } from './socket-io-rival.js';
import { openStockTrpc } from './stock-trpc-rival.js';

const { kind, redisUrl, nodeId } = JSON.parse(process.argv[2] ?? '') as {
  kind: RivalKind;
  redisUrl: string;
  nodeId: string;
};
const EPOCH = 'a'.repeat(16);
const FRAME_HEADER_BYTES = 4;

const server = createServer({ keepAlive: true });
const rival = openRival();
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
let seq = 0;

serveCalls({ port: () => (server.address() as AddressInfo).port, write });

/**
 * A line counts from when it was due. Lines of ours are made by another process, and wait while the server is busy; those of a
 * loop that is busy itself would be made too late to wait.
 */
async function write({ count, perSecond }: { count: number; perSecond: number }): Promise<void> {
  const startMicros = nowMicros();
  for (let index = 0; index < count; index += 1) {
    const dueMicros = startMicros + Math.round((index * 1e6) / perSecond);
    const earlyMs = (dueMicros - nowMicros()) / 1_000;
    if (earlyMs > 1) await sleep(earlyMs);
    seq += 1;
    rival.send({ seq, json: JSON.stringify(stampedEntry(seq, Math.min(dueMicros, nowMicros()))) });
  }
}

function openRival(): Rival {
  switch (kind) {
    case 'bare-sse':
      return eachLine(openBareSse());
    case 'bare-websocket':
      return eachLine(openBareWebSocket());
    case 'coalescing-sse':
      return eachTurn(openBareSse());
    case 'coalescing-websocket':
      return eachTurn(openFrameLoop());
    case 'bare-logs':
      return openBareLogs(server, { redisUrl });
    case 'socket-io':
      return openSocketIo(server);
    case 'stock-trpc':
      return openStockTrpc(server);
    case 'poller':
      return openPoller(server, { redisUrl, nodeId });
  }
}

/** Sends the same lines to all clients. */
interface BareLoop {
  send(lines: readonly RivalLine[]): void;
}

function eachLine(loop: BareLoop): Rival {
  return { send: (line) => loop.send([line]) };
}

/** Lines that are due in one turn of the event loop are sent together, as ours are. */
function eachTurn(loop: BareLoop): Rival {
  let due: RivalLine[] = [];
  const sendDue = (): void => {
    const lines = due;
    due = [];
    loop.send(lines);
  };
  return {
    send(line) {
      if (due.push(line) === 1) setImmediate(sendDue);
    },
  };
}

/** The limit of event streams: one write a client, of bytes that are made once, and nothing else. */
function openBareSse(): BareLoop {
  const clients = new Set<ServerResponse>();
  server.on('request', (_request, response) => {
    clients.add(response);
    response.once('close', () => clients.delete(response));
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': connected\n\n');
  });
  return {
    send(lines) {
      const bytes = Buffer.from(renderBatch(batchOf(lines)));
      for (const client of clients) client.write(bytes);
    },
  };
}

/** The limit of WebSockets: one `ws.send` a client, of the bytes that a tRPC client is due, made once. */
function openBareWebSocket(): BareLoop {
  const clients = new Set<WebSocket>();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
    socket.on('error', () => undefined);
  });
  return {
    send(lines) {
      const bytes = renderFrames(batchOf(lines), messagePrefix(1, undefined)).subarray(FRAME_HEADER_BYTES);
      for (const client of clients) client.send(bytes, { binary: false });
    },
  };
}

/**
 * The limit where several messages are due at once: their frames, made once, in one write to the connection below each
 * WebSocket. The clients get what ours get, a message a line.
 */
function openFrameLoop(): BareLoop {
  const clients = new Set<Socket>();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket, { socket: connection }) => {
    clients.add(connection);
    socket.once('close', () => clients.delete(connection));
    socket.on('error', () => undefined);
  });
  return {
    send(lines) {
      const frames = renderFrames(batchOf(lines), messagePrefix(1, undefined));
      for (const client of clients) client.write(frames);
    },
  };
}

function batchOf(lines: readonly RivalLine[]) {
  return logItems({
    epoch: EPOCH,
    firstSeq: lines[0]?.seq ?? 1,
    lines: lines.map(({ json }) => json),
    before: { phase: 'model_loading', progress: undefined },
  });
}
