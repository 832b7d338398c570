import { request as requestHttp, type Agent } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { ProxyRules } from '@launchlog/shared/proxy-rules';
import type { LaunchlogClientOptions } from '../../client-options.js';
import { NodeWebSocket } from '../../node-web-socket.js';
import { UsageError } from './exit-code.js';

/** What a proxy answers for a tunnel; one that forwards answers nothing itself. */
const TUNNEL_OPEN = 200;

/**
 * The options of a client that reaches a server through the proxy of the environment: `HTTPS_PROXY`, `HTTP_PROXY` and
 * `NO_PROXY`, or the same in lower case. Empty where the server is called directly. The `fetch` and the `WebSocket` of
 * Node 20 know no proxies.
 */
export function throughProxy(
  url: string,
  environment: NodeJS.ProcessEnv,
): Pick<LaunchlogClientOptions, 'fetch' | 'WebSocket'> {
  const proxy = URL.canParse(url) ? rulesOf(environment).proxyFor(new URL(url)) : undefined;
  if (proxy === undefined) return {};
  const tunnel = new HttpsProxyAgent(proxy);
  const agent = new URL(url).protocol === 'https:' ? tunnel : new HttpProxyAgent(proxy);
  return { fetch: fetchBy(agent), WebSocket: socketBy(tunnel) };
}

function proxyFault(status: number): string {
  if (status !== 407) return `the proxy answers ${status}: check HTTPS_PROXY and HTTP_PROXY`;
  return 'the proxy answers 407: put its name and password into HTTPS_PROXY (http://name:password@proxy:3128)';
}

function rulesOf(environment: NodeJS.ProcessEnv): ProxyRules {
  const read = (name: string) => environment[name.toLowerCase()] || environment[name] || undefined;
  const url = (name: string) => {
    const text = read(name);
    if (text === undefined) return undefined;
    const address = text.includes('://') ? text : `http://${text}`;
    if (!/^https?:\/\//.test(address) || !URL.canParse(address)) {
      throw new UsageError(`${name} must be a URL that begins with http:// or https://`);
    }
    return address;
  };
  return new ProxyRules({
    http: url('HTTP_PROXY'),
    https: url('HTTPS_PROXY'),
    except: read('NO_PROXY') ?? '',
  });
}

/** Does for `fetch` what the client needs of it: text out, a stream back. Redirects are answers. */
function fetchBy(agent: Agent): typeof fetch {
  return (input, { method = 'GET', headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const options = {
        agent,
        method,
        headers: Object.fromEntries(new Headers(headers)),
        ...(signal && { signal }),
      };
      const send = url.protocol === 'https:' ? requestHttps : requestHttp;
      const request = send(url, options, (response) => {
        const { statusCode: status = 0, statusMessage: statusText = '' } = response;
        const received = new Headers();
        for (const [name, values = []] of Object.entries(response.headersDistinct)) {
          for (const value of values) received.append(name, value);
        }
        const hasBody = status !== 204 && status !== 304;
        if (!hasBody) response.resume();
        // Two declarations of one standard.
        const stream = hasBody ? (Readable.toWeb(response) as ReadableStream<Uint8Array>) : null;
        resolve(new Response(stream, { status, statusText, headers: received }));
      });
      request.on('proxyConnect', ({ statusCode = TUNNEL_OPEN }: { readonly statusCode?: number }) => {
        if (statusCode !== TUNNEL_OPEN) request.destroy(new Error(proxyFault(statusCode)));
      });
      request.on('error', reject);
      request.end(typeof body === 'string' ? body : undefined);
    });
}

/** Always by a tunnel: proxies forward no upgrades. */
function socketBy(agent: Agent): LaunchlogClientOptions['WebSocket'] {
  if (NodeWebSocket === undefined) return undefined;
  const Base = NodeWebSocket;
  return class ProxiedWebSocket extends Base {
    constructor(url: string) {
      super(url, { agent });
    }
  };
}
