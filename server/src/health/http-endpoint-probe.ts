import type { Clock } from '../clock.js';
import type { OutboundHttp } from '../outbound/outbound-http.js';
import { plainGet, type PlainAnswer } from '../outbound/plain-get.js';
import { listedModels, missingText, namesModel } from '../orchestrator/own-task/serving-sign.js';
import type { EndpointAnswer, EndpointProbe, EndpointQuestion, EndpointUsage } from './endpoint-probe.js';
import { readUsage } from './idle/vllm-usage.js';

/** Larger than vLLM's metrics of a few models. */
const BODY_MAX_BYTES = 1024 * 1024;
const NAMES_SHOWN_MAX = 3;
/** If the key is unknown, a refusal shows that the server is alive. */
const REFUSALS: ReadonlySet<number> = new Set([401, 403]);

/** A proxy answers these for a server that it cannot reach, or to us: they are no answer of the model server. */
const OF_PROXIES: ReadonlySet<number> = new Set([403, 407, 502, 503, 504]);

/** Probes over HTTP. It uses the plain client of Node, because thousands of probes must cost little. */
export class HttpEndpointProbe implements EndpointProbe {
  readonly #clock: Clock;
  readonly #outbound: OutboundHttp | undefined;

  /** Without `outbound` it calls every address directly. */
  constructor(clock: Clock, outbound?: OutboundHttp) {
    this.#clock = clock;
    this.#outbound = outbound;
  }

  async ask(question: EndpointQuestion, signal: AbortSignal): Promise<EndpointAnswer> {
    const beganMs = this.#clock.monotonic();
    const base = question.endpoint.replace(/\/+$/, '');
    const seen = { answered: false };
    const message = await this.#problem({ ...question, base, seen }, signal).catch(reasonOf);
    const tookMs = this.#clock.monotonic() - beganMs;
    return { ok: message === undefined, answered: seen.answered, tookMs, message: message ?? 'it answers' };
  }

  async usage(
    { endpoint, timeoutMs }: Pick<EndpointQuestion, 'endpoint' | 'timeoutMs'>,
    signal: AbortSignal,
  ): Promise<EndpointUsage | undefined> {
    const url = `${endpoint.replace(/\/+$/, '')}/metrics`;
    const answer = await this.#get(url, { timeoutMs, signal, key: undefined, reads: true }).catch(
      () => undefined,
    );
    return answer?.status === 200 ? readUsage(answer.body) : undefined;
  }

  /** Resolves to what is wrong with the answer; undefined if nothing is. Rejects if there is no answer. */
  async #problem(
    { base, sign, key, timeoutMs, seen }: EndpointQuestion & { base: string; seen: { answered: boolean } },
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const options = { timeoutMs, signal, key };
    const proxied = this.#outbound?.proxyFor(base) !== undefined;
    const path = sign?.kind === 'ready' ? sign.path : '/health';
    const { status, body } = await this.#get(base + path, { ...options, reads: sign?.kind === 'ready' });
    if (proxied && OF_PROXIES.has(status)) return `it or the proxy before it answers ${status}`;
    seen.answered = true;
    if (sign?.kind === 'ready' && key === undefined && REFUSALS.has(status)) return undefined;
    if (status !== 200) return `${path} answers ${status}`;
    if (sign?.kind === 'ready')
      return body.includes(sign.text ?? '') ? undefined : `${path} answers ${missingText(sign.text ?? '')}`;
    if (sign === undefined) return undefined;
    const list = await this.#get(`${base}/v1/models`, { ...options, reads: true });
    if (key === undefined && REFUSALS.has(list.status)) return undefined;
    if (list.status !== 200) return `/v1/models answers ${list.status}`;
    const names = listedModels(list.body) ?? [];
    if (namesModel(sign.names, names)) return undefined;
    return `/v1/models names ${names.slice(0, NAMES_SHOWN_MAX).join(', ') || 'no model'}`;
  }

  #get(url: string, { timeoutMs, signal, key, reads }: GetOptions): Promise<PlainAnswer> {
    const get = this.#outbound?.get ?? plainGet;
    const bodyMaxBytes = reads ? BODY_MAX_BYTES : 0;
    return get(url, { clock: this.#clock, timeoutMs, signal, headers: headersOf(key), bodyMaxBytes });
  }
}

interface GetOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly key: string | undefined;
  /** Whether the body is wanted. */
  readonly reads: boolean;
}

function headersOf(key: string | undefined): Record<string, string> {
  const accepts = { accept: '*/*' };
  return key === undefined ? accepts : { ...accepts, authorization: `Bearer ${key}` };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ECONNREFUSED':
      return 'the connection is refused';
    case 'ECONNRESET':
      return 'the connection is closed';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its host name is unknown';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no route to it';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
