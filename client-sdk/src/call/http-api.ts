import type { ClientSettings } from '../client-options.js';
import { toApiError, errorOfBody, errorOfShape, redirectionOf } from '../error/to-api-error.js';
import { LaunchlogApiError } from '../error/launchlog-api-error.js';
import { sleep } from '../sleep.js';
import { CallDeadline } from './call-deadline.js';
import { checkCallOptions } from './call-options.js';
import type { CallOptions } from './call-options.js';
import type { InputOf, OutputOf, ProcedurePath } from './procedure-path.js';
import { requestHeaders } from './request-headers.js';
import { wireJson } from './wire-json.js';

/** A call is not retried if the server asks for a longer wait than this (seconds): the caller decides. */
const RETRY_AFTER_MAX_SECONDS = 5;
const RETRY_BASE_MS = 250;
const RETRY_CAP_MS = 5_000;

interface Request {
  readonly path: ProcedurePath;
  readonly method: 'GET' | 'POST';
  readonly input: unknown;
  readonly options: CallOptions;
}

/**
 * Calls procedures with one answer over HTTP, as tRPC does: each has a status, and no connection stays open. Every call is
 * safe to retry: it only reads, carries an idempotency key, or states a desired state.
 */
export class HttpApi {
  readonly #settings: ClientSettings;
  readonly #closing: AbortSignal;

  constructor(settings: ClientSettings, closing: AbortSignal) {
    this.#settings = settings;
    this.#closing = closing;
  }

  query<Path extends ProcedurePath>(
    path: Path,
    input: InputOf<Path>,
    options: CallOptions = {},
  ): Promise<OutputOf<Path>> {
    return this.#call({ path, method: 'GET', input, options }) as Promise<OutputOf<Path>>;
  }

  mutate<Path extends ProcedurePath>(
    path: Path,
    input: InputOf<Path>,
    options: CallOptions = {},
  ): Promise<OutputOf<Path>> {
    return this.#call({ path, method: 'POST', input, options }) as Promise<OutputOf<Path>>;
  }

  async #call(request: Request): Promise<unknown> {
    const { options } = request;
    checkCallOptions(options);
    const { timeoutMs = this.#settings.timeoutMs, maxRetries = this.#settings.maxRetries, signal } = options;
    const deadline = new CallDeadline({ timeoutMs, signal, closing: this.#closing });
    try {
      for (let attempt = 0; ; attempt += 1) {
        deadline.signal.throwIfAborted();
        const headers = await requestHeaders(this.#settings, options.headers);
        const outcome = await this.#attempt(request, { headers, attempt, signal: deadline.signal });
        if ('answer' in outcome) return outcome.answer;
        deadline.signal.throwIfAborted();
        const { error } = outcome;
        const waitMs = retryDelayMs(error, attempt, deadline.remainingMs);
        if (!error.retryable || attempt >= maxRetries || waitMs === undefined) throw error;
        this.#settings.logger?.warn?.(`${request.path} is retried: ${error.message}`, { attempt, waitMs });
        await sleep(waitMs, deadline.signal);
      }
    } finally {
      deadline.dispose();
    }
  }

  async #attempt(
    { path, method, input }: Request,
    send: { readonly headers: Headers; readonly attempt: number; readonly signal: AbortSignal },
  ): Promise<{ answer: unknown } | { error: LaunchlogApiError }> {
    const { httpUrl, fetch, hooks } = this.#settings;
    const { headers, attempt, signal } = send;
    const text = input === undefined ? undefined : JSON.stringify(wireJson.serialize(input));
    const query = method === 'GET' && text !== undefined ? `?input=${encodeURIComponent(text)}` : '';
    const url = `${httpUrl}/${path}${query}`;
    const sent = { procedure: path, method, url, attempt };
    hooks.request(sent);
    const startMs = performance.now();
    let response: Response | undefined;
    let outcome: { answer: unknown } | { error: LaunchlogApiError };
    try {
      const body = method === 'POST' ? { body: text ?? '{}' } : {};
      response = await fetch(url, { method, headers, signal, redirect: 'manual', ...body });
      outcome = await readAnswer(response);
    } catch (cause) {
      outcome = { error: toApiError(cause) };
    }
    const error = 'error' in outcome ? outcome.error : undefined;
    const requestId = response?.headers.get('x-request-id') ?? undefined;
    hooks.response({
      ...sent,
      status: response?.status ?? 0,
      durationMs: performance.now() - startMs,
      requestId,
      error,
    });
    return outcome;
  }
}

/**
 * The wait before the next attempt; undefined where the server asks for a longer one than the call has. Half of it is random:
 * a thousand clients that lost the same server come back at different times. A call with little time tries again sooner.
 */
function retryDelayMs(error: LaunchlogApiError, attempt: number, remainingMs: number): number | undefined {
  const { retryAfterSeconds = 0 } = error;
  const askedMs = retryAfterSeconds * 1_000;
  if (retryAfterSeconds > RETRY_AFTER_MAX_SECONDS || askedMs >= remainingMs) return undefined;
  const ownMs = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** attempt, remainingMs / 4);
  return Math.max(askedMs, Math.round(ownMs * (0.5 + Math.random() / 2)));
}

async function readAnswer(response: Response): Promise<{ answer: unknown } | { error: LaunchlogApiError }> {
  const { status } = response;
  const requestId = response.headers.get('x-request-id') ?? undefined;
  const facts = { status, requestId, retryAfterSeconds: secondsOf(response.headers.get('retry-after')) };
  const redirection = redirectionOf(response);
  if (redirection !== undefined || !/\bjson\b/.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel();
    return { error: redirection ?? LaunchlogApiError.ofStranger(status, undefined, facts) };
  }
  const body = await bodyOf(response);
  if (body?.result !== undefined) return { answer: wireJson.deserialize(body.result.data) };
  const error = errorOfShape(wireJson.deserialize(body?.error), facts) ?? errorOfBody(body, facts);
  return { error: error ?? LaunchlogApiError.ofStranger(status, undefined, facts) };
}

interface Answer {
  readonly result?: { readonly data?: unknown };
  readonly error?: unknown;
}

/** Undefined for what is not JSON: its sender is not a Launchlog server. Rejects where the answer breaks off, so that it is asked for again. */
async function bodyOf(response: Response): Promise<Answer | null | undefined> {
  const text = await response.text();
  try {
    return JSON.parse(text) as Answer | null;
  } catch (cause) {
    // A proxy may end the half answer of a dead server as if it were whole.
    if (text.startsWith('{')) throw cause;
    return undefined;
  }
}

/** `Retry-After` in seconds; its other form, a date, is left to the caller's own back-off. */
function secondsOf(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}
