import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer, type WebSocket } from 'ws';
import { logItems } from '@launchlog/server/feed/log-item';
import { renderBatch } from '@launchlog/server/http/sse/sse-frame';
import { messagePrefix, renderFrames } from '@launchlog/server/trpc/log-stream-frames';
import { serveCalls } from './calls.js';
import { openPoller } from './poller.js';
import type { Rival, RivalKind } from './rival.js';
import { openSocketIo } from './socket-io-rival.js';
import { stampedEntry } from './stamp.js';
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

async function write({ count, perSecond }: { count: number; perSecond: number }): Promise<void> {
  const start = performance.now();
  for (let index = 0; index < count; index += 1) {
    const early = (index * 1_000) / perSecond - (performance.now() - start);
    if (early > 1) await sleep(early);
    seq += 1;
    rival.send({ seq, json: JSON.stringify(stampedEntry(seq)) });
  }
}

function openRival(): Rival {
  switch (kind) {
    case 'bare-sse':
      return openBareSse();
    case 'bare-websocket':
      return openBareWebSocket();
    case 'socket-io':
      return openSocketIo(server);
    case 'stock-trpc':
      return openStockTrpc(server);
    case 'poller':
      return openPoller(server, { redisUrl, nodeId });
  }
}

/** The limit of event streams: one write a client, of bytes that are made once, and nothing else. */
function openBareSse(): Rival {
  const clients = new Set<ServerResponse>();
  server.on('request', (_request, response) => {
    clients.add(response);
    response.once('close', () => clients.delete(response));
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': connected\n\n');
  });
  return {
    send(line) {
      const bytes = Buffer.from(renderBatch(batchOf(line)));
      for (const client of clients) client.write(bytes);
    },
  };
}

/** The limit of WebSockets: `ws.send` of the bytes that a tRPC client is due, made once. */
function openBareWebSocket(): Rival {
  const clients = new Set<WebSocket>();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
    socket.on('error', () => undefined);
  });
  return {
    send(line) {
      const bytes = renderFrames(batchOf(line), messagePrefix(1, undefined)).subarray(FRAME_HEADER_BYTES);
      for (const client of clients) client.send(bytes, { binary: false });
    },
  };
}

function batchOf({ seq: firstSeq, json }: { seq: number; json: string }) {
  return logItems({
    epoch: EPOCH,
    firstSeq,
    lines: [json],
    before: { phase: 'model_loading', progress: undefined },
  });
}
