import type { Clock } from '../../clock.js';
import { cutUnredacted } from '../../redaction/cut-mark.js';
import type { Fetch } from '../../outbound/outbound-http.js';
import { Deadline } from '../../wait/deadline.js';
import { errorOfAnswer } from './api-error.js';
import { SkypilotError } from './error.js';

/**
 * The version of SkyPilot's protocol that Launchlog speaks. Every server since 0.11 accepts it. From version 53 on, a
 * server looks for the caller's own workspace and may refuse the launch because it finds two. See decision 25.
 */
const SPOKEN_API_VERSION = 52;
const SPOKEN_VERSION = '0.13.0';
const API_VERSION_HEADER = 'x-skypilot-api-version';
const REQUEST_ID_HEADER = 'x-skypilot-request-id';

/** The time limit for a call that needs no work on the server. */
const CALL_TIMEOUT_MS = 20_000;
/** The time limit for the headers of a stream. */
const STREAM_OPEN_TIMEOUT_MS = 30_000;
/** The largest JSON body that is read. A record with its pickles has a few KB. */
const BODY_CAP_BYTES = 4 * 1024 * 1024;
const ERROR_TEXT_MAX_CHARACTERS = 500;

export interface SkypilotApiAddress {
  readonly endpoint: string;
  /** Bearer token of a SkyPilot service account. */
  readonly token?: string | undefined;
  /** The `fetch` that uses the configured proxies; the global one if absent. */
  readonly fetch?: Fetch;
}

export interface SkypilotAnswer {
  readonly status: number;
  readonly requestId: string | undefined;
  /** The server's version of the protocol; undefined if it does not send it. */
  readonly apiVersion: number | undefined;
  readonly body: unknown;
}

/** Speaks HTTP with one API server, with limits of time and size. Every error is a `SkypilotError`. */
export class SkypilotApiConnection {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #clock: Clock;
  readonly #send: Fetch;

  constructor(address: SkypilotApiAddress, clock: Clock) {
    this.#clock = clock;
    this.#send = address.fetch ?? fetch;
    const url = new URL(address.endpoint);
    this.#headers = {
      [API_VERSION_HEADER]: String(SPOKEN_API_VERSION),
      'x-skypilot-version': SPOKEN_VERSION,
      'user-agent': 'launchlog',
      ...authorization(url, address.token),
    };
    // fetch refuses URLs with a password, and error messages must not show it.
    url.username = '';
    url.password = '';
    url.search = '';
    url.hash = '';
    this.#base = url.href.replace(/\/+$/, '');
  }

  /** The address for people, without user and password. */
  get address(): string {
    return this.#base;
  }

  async get(path: string, signal: AbortSignal): Promise<SkypilotAnswer> {
    return this.#call({ path, method: 'GET' }, signal);
  }

  async post(path: string, body: object, signal: AbortSignal): Promise<SkypilotAnswer> {
    return this.#call({ path, method: 'POST', body }, signal);
  }

  /** Resolves to the bytes of the answer as a stream. The caller limits the silence between them. */
  async open(target: SkypilotTarget, signal: AbortSignal): Promise<SkypilotStream> {
    const deadline = this.#deadline(STREAM_OPEN_TIMEOUT_MS, signal);
    try {
      const response = await this.#fetch(target, deadline.signal);
      if (!response.ok || response.body === null) throw await this.#refusal(target, response);
      return { requestId: requestIdOf(response), bytes: response.body };
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      deadline.clear();
    }
  }

  async #call(target: SkypilotTarget, signal: AbortSignal): Promise<SkypilotAnswer> {
    const deadline = this.#deadline(CALL_TIMEOUT_MS, signal);
    try {
      const response = await this.#fetch(target, deadline.signal);
      const version = Number(response.headers.get(API_VERSION_HEADER) ?? Number.NaN);
      return {
        status: response.status,
        requestId: requestIdOf(response),
        apiVersion: Number.isInteger(version) ? version : undefined,
        body: await this.#bodyOf(target, response),
      };
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      deadline.clear();
    }
  }

  #deadline(ms: number, signal: AbortSignal): Deadline {
    return new Deadline({
      clock: this.#clock,
      ms,
      signal,
      message: `no answer within ${ms / 1_000} s`,
    });
  }

  async #fetch(target: SkypilotTarget, signal: AbortSignal): Promise<Response> {
    try {
      return await this.#send(this.#base + target.path, {
        method: target.method,
        headers: { ...this.#headers, ...(target.body && { 'content-type': 'application/json' }) },
        ...(target.body && { body: JSON.stringify(target.body) }),
        signal,
        // A redirect would send the token to another server's sign-in page, and a POST as a GET.
        redirect: 'manual',
      });
    } catch (cause) {
      throw this.#unreachable(target, cause);
    }
  }

  async #bodyOf(target: SkypilotTarget, response: Response): Promise<unknown> {
    let text: string;
    try {
      text = await textWithin(response, BODY_CAP_BYTES);
    } catch (cause) {
      throw this.#unreachable(target, cause);
    }
    try {
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    } catch {
      return cutUnredacted(text, ERROR_TEXT_MAX_CHARACTERS);
    }
  }

  async #refusal(target: SkypilotTarget, response: Response): Promise<SkypilotError> {
    return errorOfAnswer(
      `${target.method} ${pathOnly(target.path)}`,
      response.status,
      await this.#bodyOf(target, response),
    );
  }

  #unreachable(target: SkypilotTarget, cause: unknown): SkypilotError {
    if (cause instanceof SkypilotError) return cause;
    const server = `the SkyPilot API server at ${this.#base}`;
    return new SkypilotError(
      'unreachable',
      `${server} did not answer ${pathOnly(target.path)}: ${reasonOf(cause)}`,
      { cause },
    );
  }
}

interface SkypilotTarget {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly body?: object | undefined;
}

export interface SkypilotStream {
  readonly requestId: string | undefined;
  readonly bytes: ReadableStream<Uint8Array>;
}

function authorization(url: URL, token: string | undefined): Record<string, string> {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (url.username === '') return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function requestIdOf(response: Response): string | undefined {
  return response.headers.get(REQUEST_ID_HEADER) ?? undefined;
}

function pathOnly(path: string): string {
  return path.split('?')[0] ?? path;
}

/** undici's "fetch failed" hides the reason in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause instanceof Error ? error.cause : error;
  const code = 'code' in inner && typeof inner.code === 'string' ? inner.code : undefined;
  return inner.message || code || inner.name;
}

async function textWithin(response: Response, capBytes: number): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > capBytes) {
      throw new SkypilotError('protocol', `SkyPilot answered with more than ${capBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
