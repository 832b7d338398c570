import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import type { ServerEdge } from '../server/server-edge.js';
import { OpenedEdges } from './opened-edges.js';

interface Opened {
  readonly socket: WebSocket;
  readonly messages: string[];
  readonly closed: Promise<number>;
}

/** Edges and plain sockets to them, all of which are closed together after a test. */
export class OpenedSockets extends OpenedEdges {
  readonly connect = async (edge: ServerEdge, path: string, options: ClientOptions = {}): Promise<Opened> => {
    const socket = new WebSocket(`${edge.url.replace('http', 'ws')}${path}`, options);
    this.open.push({ close: () => socket.terminate() });
    const messages: string[] = [];
    socket.on('message', (data: Buffer) => messages.push(data.toString()));
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    await once(socket, 'open');
    return { socket, messages, closed };
  };
}

/** The code of the error in a tRPC message. */
export function codeOf(message: string | undefined): string | undefined {
  return (JSON.parse(message ?? '{}') as { error?: { json: { data: { code: string } } } }).error?.json.data
    .code;
}
