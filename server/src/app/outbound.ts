import type { Config } from '../config.js';
import { OutboundHttp } from '../outbound/outbound-http.js';

/** How the calls of this server leave it: through the proxies of the environment. */
export function createOutbound({
  HTTP_PROXY,
  HTTPS_PROXY,
  NO_PROXY,
}: Pick<Config, 'HTTP_PROXY' | 'HTTPS_PROXY' | 'NO_PROXY'>): OutboundHttp {
  return new OutboundHttp({ http: HTTP_PROXY, https: HTTPS_PROXY, except: NO_PROXY ?? '' });
}
