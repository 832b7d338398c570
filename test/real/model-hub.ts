import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const COMMIT = '89abcdef0123456789abcdef0123456789abcdef';
const CHUNK_BYTES = 65_536;

/** A refusal in the words of the real hub. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Stands in for the model hub: every name is the same model, except the names that it refuses. */
export class ModelHub {
  readonly asked: string[] = [];
  /** How fast it sends weights, so that a download is seen. */
  bytesPerSecond = 2e6;
  readonly #folder: string;
  readonly #host: string;
  readonly #server: Server;

  static async start(options: { readonly host: string; readonly folder: string }): Promise<ModelHub> {
    const hub = new ModelHub(options);
    hub.#server.listen(0, options.host);
    await once(hub.#server, 'listening');
    return hub;
  }

  private constructor({ host, folder }: { readonly host: string; readonly folder: string }) {
    this.#host = host;
    this.#folder = folder;
    this.#server = createServer((request, response) => {
      // A machine that is killed in the middle of a download closes the connection.
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  get url(): string {
    return `http://${this.#host}:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = decodeURIComponent((request.url ?? '').split('?')[0] ?? '');
    this.asked.push(`${request.method} ${route}`);
    const refusal = refusalOf(route);
    if (refusal !== undefined) return refuse(response, refusal);
    if (route.startsWith('/api/models/')) return this.#describe(route, response);
    const name = /\/resolve\/[^/]+\/(.+)$/.exec(route)?.[1];
    const file = this.#files().find((one) => one.name === name);
    if (file === undefined)
      return refuse(response, { status: 404, code: 'EntryNotFound', message: 'Entry not found' });
    await this.#send(request, response, file);
  }

  #files(): { name: string; size: number }[] {
    return readdirSync(this.#folder).map((name) => ({
      name,
      size: statSync(path.join(this.#folder, name)).size,
    }));
  }

  #describe(route: string, response: ServerResponse): void {
    const id = route.split('/').slice(3, 5).join('/');
    const files = this.#files();
    const body = route.includes('/tree/')
      ? files.map(({ name, size }) => ({ type: 'file', oid: tagOf(name), size, path: name }))
      : {
          id,
          modelId: id,
          sha: COMMIT,
          private: false,
          gated: false,
          disabled: false,
          downloads: 1,
          likes: 0,
          tags: [],
          siblings: files.map(({ name, size }) => ({ rfilename: name, size })),
        };
    response.writeHead(200, { 'content-type': 'application/json', 'x-repo-commit': COMMIT });
    response.end(JSON.stringify(body));
  }

  async #send(
    request: IncomingMessage,
    response: ServerResponse,
    { name, size }: { readonly name: string; readonly size: number },
  ): Promise<void> {
    const range = /bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1];
    const start = Number(range ?? 0);
    response.writeHead(range === undefined ? 200 : 206, {
      etag: `"${tagOf(name)}"`,
      'x-repo-commit': COMMIT,
      'accept-ranges': 'bytes',
      'content-length': size - start,
      ...(range !== undefined && { 'content-range': `bytes ${start}-${size - 1}/${size}` }),
    });
    if (request.method === 'HEAD' || start >= size) return void response.end();
    const bytes = createReadStream(path.join(this.#folder, name), { start, highWaterMark: CHUNK_BYTES });
    if (name.endsWith('.safetensors')) await pipeline(bytes, (chunks) => this.#slowly(chunks), response);
    else await pipeline(bytes, response);
  }

  async *#slowly(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    for await (const chunk of chunks) {
      await sleep((chunk.length / this.bytesPerSecond) * 1_000);
      yield chunk;
    }
  }
}

function refusalOf(route: string): Refusal | undefined {
  const model = /(?:^\/api\/models)?\/([\w.-]+\/[\w.-]+)/.exec(route.replace('/api/models', ''))?.[1] ?? '';
  const words = `Access to model ${model} is restricted`;
  if (model.includes('gated')) {
    const message = `${words} and you are not in the authorized list. Visit https://huggingface.co/${model} to ask for access.`;
    return { status: 403, code: 'GatedRepo', message };
  }
  if (model.includes('missing'))
    return { status: 404, code: 'RepoNotFound', message: 'Repository not found' };
  return undefined;
}

function refuse(response: ServerResponse, { status, code, message }: Refusal): void {
  response.writeHead(status, {
    'x-error-code': code,
    'x-error-message': message,
    'x-request-id': 'Root=1-695139c1-20c276683bbfa05022511a7b',
    'content-type': 'application/json',
  });
  response.end(JSON.stringify({ error: message }));
}

function tagOf(name: string): string {
  return createHash('sha1').update(name).digest('hex');
}
