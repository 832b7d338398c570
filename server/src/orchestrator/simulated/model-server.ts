import { createHash } from 'node:crypto';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

const REQUEST_TIMEOUT_MS = 10_000;
const END_TIMEOUT_MS = 1_000;
const CONNECTIONS_MAX = 64;
const ANSWER =
  'This is a simulated model server: no model was loaded. Set ORCHESTRATOR and SKYPILOT_API_SERVER_ENDPOINT to launch a real one.';

/** How busy a model server is. */
interface SimulatedLoad {
  /** Resolves when the server is ready to answer a request. */
  readonly delay: () => Promise<void>;
  /** The number of running requests that `/metrics` reports. */
  readonly requests: () => number;
}

/** A path of the model server of a caller's own task, and its answer. */
export interface SimulatedReadiness {
  readonly path: string;
  readonly text: string | undefined;
}

interface SimulatedServerOptions {
  readonly host: string;
  readonly port: number;
  readonly model: string;
  /** SHA-256 of the key that callers below `/v1` must send; undefined if they need none. */
  readonly keyHash?: string | undefined;
  readonly ready?: SimulatedReadiness | undefined;
  readonly load?: SimulatedLoad;
  /** How another process that terminates the cluster ends this server: `DELETE` of the path. */
  readonly end?: { readonly path: string; readonly call: () => void };
}

/** Stands in for vLLM on this machine: a real HTTP server. Like vLLM, it listens only once it is ready. */
export class SimulatedModelServer {
  readonly #server: Server;
  readonly #model: string;
  readonly #load: SimulatedLoad | undefined;
  readonly #keyHash: string | undefined;
  readonly #ready: SimulatedReadiness | undefined;
  readonly #end: SimulatedServerOptions['end'];
  #served = 0;

  private constructor({ model, load, keyHash, ready, end }: Omit<SimulatedServerOptions, 'host' | 'port'>) {
    this.#model = model;
    this.#keyHash = keyHash;
    this.#load = load;
    this.#ready = ready;
    this.#end = end;
    this.#server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
      void (load?.delay() ?? Promise.resolve()).then(() => this.#answer(request, response));
    });
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /** Port 0 takes a free port. Rejects when the port is taken. */
  static async open(options: SimulatedServerOptions): Promise<SimulatedModelServer> {
    const opened = new SimulatedModelServer(options);
    const server = opened.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, options.host, () => {
        server.off('error', reject);
        // A connection that could not be accepted (no file descriptor left) must not end the server.
        server.on('error', () => undefined);
        resolve();
      });
    });
    return opened;
  }

  /** A port that is free now. Nothing holds it, so it may be taken when a server opens on it. */
  static async freePort(host: string): Promise<number> {
    const server = await SimulatedModelServer.open({ host, port: 0, model: '' });
    const { port } = server;
    await server.close();
    return port;
  }

  /** Ends one of another process, by its path for that; does nothing where none answers. */
  static end(place: { host: string; port: number; path: string }): Promise<void> {
    return new Promise((resolve) => {
      const options = { ...place, method: 'DELETE', agent: false, timeout: END_TIMEOUT_MS };
      const asked = request(options, (response) => response.resume());
      asked.on('timeout', () => asked.destroy());
      asked.on('error', () => undefined);
      asked.on('close', resolve);
      asked.end();
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    // The answer does not depend on the body, and an unread body must not keep the socket.
    response.setHeader('Connection', 'close');
    request.resume();
    // `URL` would throw for some request targets.
    const [path = '/'] = (request.url ?? '/').split('?');
    const route = `${request.method} ${path}`;
    // As in vLLM, `/health` and `/metrics` are open to all.
    if (path.startsWith('/v1/') && !this.#admits(request))
      return sendJson(response, 401, { error: 'Unauthorized' });
    if (request.method === 'GET' && request.url === this.#ready?.path)
      return void response.writeHead(200).end(this.#ready?.text);
    if (this.#end !== undefined && route === `DELETE ${this.#end.path}`) {
      response.writeHead(204).end(this.#end.call);
      return;
    }
    switch (route) {
      case 'GET /health':
        return void response.writeHead(200).end();
      case 'GET /v1/models':
        return sendJson(response, 200, { object: 'list', data: [this.#modelCard()] });
      case 'GET /metrics':
        return void response
          .writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' })
          .end(this.#metrics());
      case 'POST /v1/completions':
        this.#served += 1;
        return sendJson(response, 200, this.#completion('text_completion', { text: ANSWER }));
      case 'POST /v1/chat/completions':
        this.#served += 1;
        return sendJson(
          response,
          200,
          this.#completion('chat.completion', { message: { role: 'assistant', content: ANSWER } }),
        );
      default:
        return sendJson(response, 404, {
          error: { message: 'the simulated model server has no such route' },
        });
    }
  }

  #metrics(): string {
    const label = `{model_name=${JSON.stringify(this.#model)}}`;
    const running = this.#load?.requests() ?? 0;
    return `# TYPE vllm:num_requests_running gauge
vllm:num_requests_running${label} ${running}.0
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting${label} 0.0
# TYPE vllm:request_success_total counter
vllm:request_success_total${label} ${this.#served}.0
`;
  }

  #admits({ headers }: IncomingMessage): boolean {
    const key = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    return this.#keyHash === undefined || (key !== undefined && keyHashOf(key) === this.#keyHash);
  }

  #modelCard() {
    return { id: this.#model, object: 'model', owned_by: 'launchlog-simulator' };
  }

  #completion(object: string, choice: object) {
    return {
      id: 'simulated',
      object,
      model: this.#model,
      choices: [{ index: 0, finish_reason: 'stop', ...choice }],
      usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    };
  }
}

export function keyHashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
