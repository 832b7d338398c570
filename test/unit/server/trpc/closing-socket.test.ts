import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { ClosingSocket } from '@launchlog/server/trpc/closing-socket';

const INVALID_FRAME = Buffer.from([0xff, 0xff]);

test.each([
  ['the client sends a close frame', (_: WebSocket, client: WebSocket) => client.close()],
  ['the client breaks the protocol', (_: WebSocket, client: WebSocket) => rawOf(client).write(INVALID_FRAME)],
  ['the server closes', (served: WebSocket) => served.close(1012, 'server restarts')],
  ['the server terminates', (served: WebSocket) => served.terminate()],
])('when %s, the closing is known before the socket is closed', async (_, begin) => {
  const { served, client } = await open();
  const seen: string[] = [];
  served.on('closing', () => seen.push('closing'));
  const closed = new Promise<void>((resolve) => served.on('close', () => resolve(void seen.push('close'))));
  begin(served, client);
  await closed;
  expect(seen[0]).toBe('closing');
  expect(seen.at(-1)).toBe('close');
});

/** A socket of a real server, and its client. */
async function open(): Promise<{ readonly served: WebSocket; readonly client: WebSocket }> {
  const http = createServer();
  const server = new WebSocketServer({ server: http, WebSocket: ClosingSocket });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void http.close());
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  client.on('error', () => undefined);
  const [served] = (await once(server, 'connection')) as [WebSocket];
  served.on('error', () => undefined);
  if (client.readyState !== WebSocket.OPEN) await once(client, 'open');
  return { served, client };
}

/** The connection below a socket, which the library keeps to itself. */
function rawOf(socket: WebSocket): NodeJS.WritableStream {
  return (socket as unknown as { readonly _socket: NodeJS.WritableStream })._socket;
}
