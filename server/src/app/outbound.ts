import type { Config } from '../config.js';
import { OutboundHttp } from '../outbound/outbound-http.js';

/** Creates the client of outbound calls, which uses the proxies of the environment. */
export function createOutbound({
  HTTP_PROXY,
  HTTPS_PROXY,
  NO_PROXY,
}: Pick<Config, 'HTTP_PROXY' | 'HTTPS_PROXY' | 'NO_PROXY'>): OutboundHttp {
  return new OutboundHttp({ http: HTTP_PROXY, https: HTTPS_PROXY, except: NO_PROXY ?? '' });
}
