import { EventEmitter, on } from 'node:events';
import type { Server } from 'node:http';
import { initTRPC, tracked } from '@trpc/server';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import superjson from 'superjson';
import { WebSocketServer } from 'ws';
import type { Rival } from './rival.js';

/** A subscription as tRPC's documentation writes it: a generator a client, fed by an emitter. */
export function openStockTrpc(server: Server): Rival {
  const lines = new EventEmitter().setMaxListeners(0);
  const trpc = initTRPC.create({ transformer: superjson });
  const router = trpc.router({
    logs: trpc.procedure.subscription(async function* ({ signal }) {
      for await (const [line] of on(lines, 'line', signal === undefined ? {} : { signal })) {
        const { seq, json } = line as { seq: number; json: string };
        yield tracked(`${'a'.repeat(16)}:${seq}`, { type: 'log', entry: JSON.parse(json) as unknown });
      }
    }),
  });
  applyWSSHandler({ wss: new WebSocketServer({ server, perMessageDeflate: false }), router });
  return { send: (line) => void lines.emit('line', line) };
}
