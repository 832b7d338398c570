import type { Gap } from '@launchlog/shared/event';
import type { ExportFormat } from '@launchlog/shared/log-export';
import type { LogQueryInput } from '@launchlog/shared/log-query';
import { requestHeaders } from './call/request-headers.js';
import { checkStreamOptions } from './option-check.js';
import { apiError, closedError, LaunchlogApiError } from './error/launchlog-api-error.js';
import { errorOfBody, redirectionOf, toApiError } from './error/to-api-error.js';
import type { ClientCore } from './resource/client-core.js';
import { asLists } from './one-or-many.js';
import type { OneOrMany } from './one-or-many.js';

const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  text: 'text/plain',
  csv: 'text/csv',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
};

export interface ExportOptions extends OneOrMany<LogQueryInput> {
  /** The format of the file. */
  readonly format: ExportFormat;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Longest silence of the server, milliseconds. Default: the time limit of the client's calls, 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Further headers of the request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Called before the first chunk if the server no longer holds the beginning of the log. */
  readonly onGap?: ((gap: Gap) => void) | undefined;
}

/** Yields the file chunk by chunk as it arrives. A slow reader slows the server down. These formats do not exist in tRPC. */
export function exportLog(core: ClientCore, nodeId: string, options: ExportOptions): AsyncIterable<string> {
  checkStreamOptions(options);
  if (!Object.hasOwn(MEDIA_TYPES, options.format))
    throw new TypeError(`option 'format' must be one of ${Object.keys(MEDIA_TYPES).join(', ')}`);
  return { [Symbol.asyncIterator]: () => chunks(core, nodeId, options) };
}

async function* chunks(
  { settings, closing }: ClientCore,
  nodeId: string,
  options: ExportOptions,
): AsyncGenerator<string, void, void> {
  const { format, signal, timeoutMs = settings.timeoutMs, headers: own, onGap, ...query } = options;
  const accept = MEDIA_TYPES[format];
  const url = `${settings.restUrl}/nodes/${encodeURIComponent(nodeId)}/logs/export`;
  const headers = await requestHeaders(settings, { ...own, accept });
  const silence = new SilenceTimeout(timeoutMs, [signal, closing]);
  try {
    const search = searchOf({ ...asLists<LogQueryInput>(query), format });
    const response = await settings.fetch(`${url}?${search}`, {
      headers,
      signal: silence.signal,
      redirect: 'manual',
    });
    if (!response.ok) throw redirectionOf(response) ?? (await errorOf(response));
    if (!(response.headers.get('content-type') ?? '').startsWith(accept)) {
      throw apiError('not_acceptable', `this server cannot export a log as ${format}`);
    }
    const gap = gapOf(response.headers.get('x-log-gap') ?? '');
    if (gap !== undefined) onGap?.(gap);
    yield* textOf(response, silence);
  } catch (cause) {
    if (signal?.aborted) return;
    throw closing.aborted ? closedError() : toApiError(cause);
  } finally {
    silence.dispose();
  }
}

/** Aborts if the server is silent for too long, or when the caller aborts. Time that the caller spends on a chunk does not count. */
class SilenceTimeout {
  readonly #abort = new AbortController();
  readonly #timeoutMs: number;
  readonly #signals: readonly (AbortSignal | undefined)[];
  readonly #onAbort = () => this.#abort.abort();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(timeoutMs: number, signals: readonly (AbortSignal | undefined)[]) {
    this.#timeoutMs = timeoutMs;
    this.#signals = signals;
    for (const signal of signals) {
      if (signal?.aborted) this.#onAbort();
      signal?.addEventListener('abort', this.#onAbort, { once: true });
    }
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
    for (const signal of this.#signals) signal?.removeEventListener('abort', this.#onAbort);
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
  const { status, headers } = response;
  const requestId = headers.get('x-request-id') ?? undefined;
  return errorOfBody(body, { status, requestId }) ?? LaunchlogApiError.ofStranger(status);
}
