import { ERROR_CODES } from '@launchlog/shared/error-code';
import type { ErrorBody, ErrorCode } from '@launchlog/shared/error-code';
import type { Gap } from '@launchlog/shared/event';
import type { ExportFormat } from '@launchlog/shared/log-export';
import type { LogQueryInput } from '@launchlog/shared/log-query';
import { LaunchlogApiError } from './launchlog-api-error.js';
import { toApiError } from './to-api-error.js';

const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  text: 'text/plain',
  csv: 'text/csv',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
};

export interface ExportOptions extends LogQueryInput {
  readonly format: ExportFormat;
  readonly signal?: AbortSignal | undefined;
  /** Called before the first chunk if the server no longer holds the beginning of the log. */
  readonly onGap?: ((gap: Gap) => void) | undefined;
}

interface ExportRequest {
  /** REST address of the log's export: these formats do not exist in tRPC. */
  readonly url: string;
  readonly token: string | undefined;
  /** Longest silence of the server, milliseconds. */
  readonly timeoutMs: number;
  readonly options: ExportOptions;
}

/** Yields the file chunk by chunk as it arrives. A slow reader slows the server down. */
export async function* exportLog(request: ExportRequest): AsyncGenerator<string, void, void> {
  const { url, token, timeoutMs, options } = request;
  const { format, signal, onGap, ...query } = options;
  const accept = MEDIA_TYPES[format];
  const headers = { accept, ...(token === undefined ? {} : { 'x-admin-token': token }) };
  const silence = new SilenceTimeout(timeoutMs, signal);
  try {
    const response = await fetch(`${url}?${searchOf({ ...query, format })}`, {
      headers,
      signal: silence.signal,
    });
    if (!response.ok) throw await errorOf(response);
    if (!(response.headers.get('content-type') ?? '').startsWith(accept)) {
      throw new LaunchlogApiError('not_acceptable', `this server cannot export a log as ${format}`);
    }
    const gap = gapOf(response.headers.get('x-log-gap') ?? '');
    if (gap !== undefined) onGap?.(gap);
    yield* textOf(response, silence);
  } catch (cause) {
    if (signal?.aborted) return;
    throw toApiError(cause);
  } finally {
    silence.dispose();
  }
}

/** Aborts if the server is silent for too long, or when the caller aborts. Time that the caller spends on a chunk does not count. */
class SilenceTimeout {
  readonly #abort = new AbortController();
  readonly #timeoutMs: number;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #onAbort = () => this.#abort.abort();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(timeoutMs: number, callerSignal: AbortSignal | undefined) {
    this.#timeoutMs = timeoutMs;
    this.#callerSignal = callerSignal;
    if (callerSignal?.aborted) this.#onAbort();
    callerSignal?.addEventListener('abort', this.#onAbort, { once: true });
    this.start();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#abort.abort(LaunchlogApiError.unreachable(`the server was silent for ${this.#timeoutMs} ms`));
    }, this.#timeoutMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  dispose(): void {
    this.stop();
    this.#callerSignal?.removeEventListener('abort', this.#onAbort);
  }
}

function searchOf(query: LogQueryInput & { format: ExportFormat }): string {
  const pairs = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(',') : String(value)]],
  );
  return new URLSearchParams(pairs).toString();
}

function gapOf(header: string): Gap | undefined {
  const found = /^(\d+)-(\d+); reason=(trimmed|expired|damaged)$/.exec(header);
  if (found === null) return undefined;
  const reason = found[3] as Gap['reason'];
  return { from_seq: Number(found[1]), to_seq: Number(found[2]), reason };
}

async function* textOf(response: Response, silence: SilenceTimeout): AsyncGenerator<string, void, void> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      silence.stop();
      const text = decoder.decode(value, { stream: !done });
      if (text !== '') yield text;
      if (done) return;
      silence.start();
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function errorOf(response: Response): Promise<LaunchlogApiError> {
  const body: unknown = await response.json().catch(() => undefined);
  const { status } = response;
  if (isErrorBody(body)) return new LaunchlogApiError(body.error.code, body.error.message, { status });
  const code: ErrorCode = status === 404 ? 'not_found' : 'unavailable';
  return new LaunchlogApiError(code, `the server answers with HTTP ${status}`, {
    status,
    retryable: status >= 502,
  });
}

function isErrorBody(body: unknown): body is ErrorBody {
  if (typeof body !== 'object' || body === null || !('error' in body)) return false;
  const { error } = body;
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    Object.hasOwn(ERROR_CODES, String(error.code))
  );
}
