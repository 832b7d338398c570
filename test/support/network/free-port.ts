import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of this machine's loopback that nobody listens on: the wanted one, or rejects; 0 is any. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port is free');
  return address.port;
}
