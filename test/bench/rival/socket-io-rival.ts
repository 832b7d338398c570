import type { Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import type { Rival } from './rival.js';

export function openSocketIo(server: HttpServer): Rival {
  const io = new Server(server, { perMessageDeflate: false });
  io.on('connection', (socket) => void socket.join('node'));
  return { send: ({ json }) => void io.to('node').emit('log', JSON.parse(json)) };
}
