import type { Agent as HttpAgent } from 'node:http';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { Agent, fetch as undiciFetch, ProxyAgent, type Dispatcher } from 'undici';
import { ProxyRules, type ProxySettings } from '@launchlog/shared/proxy-rules';
import { plainGet, type PlainAnswer, type PlainGetOptions } from './plain-get.js';

type FetchOptions = Pick<RequestInit, 'method' | 'headers' | 'body' | 'signal' | 'redirect'>;

/** The part of the global `fetch` that this server uses. */
export type Fetch = (url: string | URL, init?: FetchOptions) => Promise<Response>;

/** See `plainGet`. */
export type PlainGet = (url: string, options: PlainGetOptions) => Promise<PlainAnswer>;

/**
 * The client of all outbound calls: through the proxy that the environment names for an address, or directly. `https://` goes
 * through a tunnel (`CONNECT`), so that the proxy reads nothing; `http://` is forwarded. A redirect that is followed stays
 * with the rule of the first address. See decision 154.
 */
export class OutboundHttp {
  readonly #rules: ProxyRules;
  /** Agents by the URL of the proxy. They keep connections, so each is created once. */
  readonly #dispatchers = new Map<string, Dispatcher>();

  constructor(settings: ProxySettings) {
    this.#rules = new ProxyRules(settings);
  }

  /** Replaces the global `fetch`, and uses it for addresses without a proxy. */
  readonly fetch: Fetch = (url, init) => {
    const proxy = this.#rules.proxyFor(new URL(url));
    if (proxy === undefined) return fetch(url, init);
    const secure = new URL(url).protocol === 'https:';
    const dispatcher = this.#dispatcher(proxy, secure);
    // Two type declarations of one standard, which differ only in parts that no caller uses.
    const send = undiciFetch as unknown as (url: string | URL, init: object) => Promise<Response>;
    return send(url, { ...init, dispatcher });
  };

  /** For addresses of which there is no end, such as those of nodes. */
  readonly get: PlainGet = (url, options) =>
    plainGet(url, { ...options, agent: this.agentFor(url, options.signal) });

  /** The proxy for an address; undefined where it is called directly. */
  proxyFor(url: string | URL): URL | undefined {
    return this.#rules.proxyFor(new URL(url));
  }

  /**
   * For `node:http` and `node:https`: the agent that leads to an address; undefined where no proxy is in between.
   * `signal` also ends a connection to a proxy that does not answer.
   */
  agentFor(url: string | URL, signal?: AbortSignal): HttpAgent | undefined {
    const target = new URL(url);
    const proxy = this.#rules.proxyFor(target);
    if (proxy === undefined) return undefined;
    const options = signal === undefined ? {} : { signal };
    return target.protocol === 'https:'
      ? new HttpsProxyAgent(proxy, options)
      : new HttpProxyAgent(proxy, options);
  }

  #dispatcher(proxy: URL, secure: boolean): Dispatcher {
    const key = `${secure ? 'tunnel' : 'forward'} ${proxy.href}`;
    const known = this.#dispatchers.get(key);
    if (known !== undefined) return known;
    const created = secure ? new ProxyAgent(proxy.href) : forwarding(proxy);
    this.#dispatchers.set(key, created);
    return created;
  }
}

/** Sends requests with their whole URL, as proxies expect for unencrypted calls. */
function forwarding(proxy: URL): Dispatcher {
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return new Agent().compose((dispatch) => (options, handler) => {
    const target = new URL(String(options.origin));
    const headers = {
      ...(options.headers as Record<string, string>),
      host: target.host,
      ...(proxy.username !== '' && { 'proxy-authorization': authorization }),
    };
    return dispatch(
      { ...options, origin: proxy.origin, path: `${target.origin}${options.path}`, headers },
      handler,
    );
  });
}
