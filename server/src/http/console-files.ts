import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};
/** Scripts and styles load only from our own files; `blob:` is for downloads that the page generates. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');
const INDEX = '/index.html';
const HOST = /^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;
const NOT_BUILT =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>Launchlog</title><h1>Launchlog is running</h1>' +
  '<p>The web console has not been built. Run <code>npm run build</code> and start the server again.</p>' +
  '<p>The API is described in <a href="openapi.json">openapi.json</a>.</p></html>';

interface FoundFile {
  readonly path: string;
  readonly size: number;
  readonly etag: string;
}

/** Serves the built console, without a library: see decision 101. The paths of its pages, which are not files, get `index.html`. */
export class ConsoleFiles {
  readonly #folder: string;
  readonly #publicPath: string;

  /** `publicPath`: the path in front of all others as browsers see it, such as `/launchlog`; may be empty. */
  constructor(folder: string, publicPath: string) {
    this.#folder = normalize(folder);
    this.#publicPath = publicPath;
  }

  /** Resolves to false if the path is not the console's. */
  async serve(incoming: IncomingMessage, response: ServerResponse): Promise<boolean> {
    if (incoming.method !== 'GET' && incoming.method !== 'HEAD') return false;
    const path = pathOf(incoming.url ?? '/');
    if (path === undefined) return false;
    const file = path === '/' || path === INDEX ? undefined : await this.#find(path);
    if (file !== undefined) {
      await send(file, incoming, response);
      return true;
    }
    if (!isPage(path, incoming)) return false;
    const index = await this.#find(INDEX);
    if (index === undefined) sendNotBuilt(incoming, response);
    else await this.#sendIndex(index, incoming, response);
    return true;
  }

  /** The page is built with relative addresses. Pages with paths of several parts need absolute ones. */
  async #sendIndex(file: FoundFile, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const built = await readFile(file.path, 'utf8');
    const page = built.replaceAll('="./', `="${this.#publicPath}/`);
    const etag = `${file.etag.slice(0, -1)}-${Buffer.from(this.#publicPath).toString('base64url')}"`;
    const size = Buffer.byteLength(page);
    if (!writeHead({ ...file, size, etag }, incoming, response)) return;
    response.end(page);
  }

  async #find(path: string): Promise<FoundFile | undefined> {
    const full = join(this.#folder, path);
    if (!full.startsWith(this.#folder + sep)) return undefined;
    try {
      const found = await stat(full);
      if (!found.isFile()) return undefined;
      return {
        path: full,
        size: found.size,
        etag: `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}"`,
      };
    } catch {
      return undefined;
    }
  }
}

function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.split('?', 1)[0] ?? '/');
    return path.includes('\0') || path.includes('\\') ? undefined : path;
  } catch {
    return undefined;
  }
}

/** The path of a page has no extension, and only a browser that navigates accepts HTML. */
function isPage(path: string, incoming: IncomingMessage): boolean {
  if (path === '/' || path === INDEX) return true;
  return extname(path) === '' && (incoming.headers.accept ?? '').includes('text/html');
}

async function send(file: FoundFile, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!writeHead(file, incoming, response)) return;
  try {
    await pipeline(createReadStream(file.path), response);
  } catch (error) {
    /** A client may hang up as soon as it has everything. */
    if (!response.destroyed) throw error;
  }
}

/** False where the response is complete without the file. */
function writeHead(file: FoundFile, incoming: IncomingMessage, response: ServerResponse): boolean {
  const type = CONTENT_TYPES[extname(file.path)] ?? 'application/octet-stream';
  const hashed = file.path.includes(`${sep}assets${sep}`);
  const headers = {
    'Content-Type': type,
    'Cache-Control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: file.etag,
    'Content-Security-Policy': `${CONTENT_SECURITY_POLICY}; ${connections(incoming)}`,
  };
  if (incoming.headers['if-none-match'] === file.etag) {
    response.writeHead(304, headers).end();
    return false;
  }
  response.writeHead(200, { ...headers, 'Content-Length': file.size });
  if (incoming.method !== 'HEAD') return true;
  response.end();
  return false;
}

/** Older browsers do not count the WebSocket of the page's own host as `'self'`. */
function connections(incoming: IncomingMessage): string {
  const host = incoming.headers.host ?? '';
  return HOST.test(host) ? `connect-src 'self' ws://${host} wss://${host}` : "connect-src 'self'";
}

function sendNotBuilt(incoming: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'",
    'Content-Length': Buffer.byteLength(NOT_BUILT),
  });
  response.end(incoming.method === 'HEAD' ? undefined : NOT_BUILT);
}
