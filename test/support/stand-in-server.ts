import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { TRPCError } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { WebSocketServer } from 'ws';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Principal } from '@launchlog/server/auth/principal';
import type { NodesRouterServices } from '@launchlog/server/trpc/nodes-router';
import { createAppRouter } from '@launchlog/server/trpc/router';

export const TOKEN = 'stand-in-token';

const PRINCIPAL: Principal = { name: 'test', kind: 'admin_token', scopes: ['admin'] };

/** The real router behind tRPC's own adapters, over services a test plays, on a port of its own. */
export class StandInServer {
  readonly #services: NodesRouterServices;
  readonly #sockets = new Set<Socket>();
  #http: Server | undefined;
  #handler: ReturnType<typeof applyWSSHandler> | undefined;
  #webSockets: WebSocketServer | undefined;
  #port = 0;
  /** WebSockets opened since the beginning. */
  connections = 0;

  constructor(services: NodesRouterServices) {
    this.#services = services;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** On the port it had before, if it was started before. */
  async start(): Promise<void> {
    const router = createAppRouter(this.#services);
    const handle = createHTTPHandler({
      router,
      basePath: '/trpc/',
      createContext: ({ req }) => {
        authenticate(req.headers['x-admin-token']);
        return { principal: PRINCIPAL };
      },
    });
    const http = createServer((request, response) => handle(request, response));
    const wss = new WebSocketServer({ server: http, path: '/trpc' });
    wss.on('connection', () => (this.connections += 1));
    this.#handler = applyWSSHandler({
      wss,
      router,
      createContext: ({ info }) => {
        authenticate(info.connectionParams?.['token']);
        return { principal: PRINCIPAL };
      },
    });
    http.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => http.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (http.address() as AddressInfo).port;
    this.#http = http;
    this.#webSockets = wss;
  }

  /** As a power cut looks to the clients. */
  async kill(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#webSockets?.close();
    const http = this.#http;
    this.#http = undefined;
    await new Promise((resolve) => (http ? http.close(resolve) : resolve(undefined)));
  }

  /** Cuts every connection and goes on serving. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Asks the clients to come again, as before a deployment. */
  askToReconnect(): void {
    this.#handler?.broadcastReconnectNotification();
  }
}

function authenticate(token: string | string[] | undefined): void {
  if (token === TOKEN) return;
  const cause = new LaunchlogError('invalid_admin_token', 'invalid admin token');
  throw new TRPCError({ code: 'UNAUTHORIZED', message: cause.message, cause });
}
