import type { IncomingHttpHeaders } from 'node:http';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { onceOnly } from './caller-token.js';
import { forwardedElements } from './forwarded-header.js';

interface OriginPolicyOptions {
  /** Origins such as `https://console.example.org` (`ALLOWED_ORIGINS`). */
  readonly named: readonly string[];
  /** The address at which people reach the console (`PUBLIC_URL`). */
  readonly publicUrl?: string | undefined;
}

/**
 * Decides by `Origin` which pages may act for a signed-in user: those of our own host, and those that the operator names.
 * Our own is compared as a host and port, because behind a proxy that terminates TLS the server does not know its own scheme;
 * `name:443` is the same host as `name` for a page of https. The headers in which a proxy names the host are believed as they
 * are: those of a proxy that is not trusted have been removed by then (`ClientAddress`).
 */
export class OriginPolicy {
  readonly #named: ReadonlySet<string>;
  readonly #publicOrigin: string | undefined;

  constructor({ named, publicUrl }: OriginPolicyOptions) {
    this.#named = new Set(named.map((each) => normalOrigin(each) ?? each));
    this.#publicOrigin = publicUrl === undefined ? undefined : normalOrigin(publicUrl);
  }

  allows(origin: string, headers: IncomingHttpHeaders): boolean {
    const normal = normalOrigin(origin);
    if (normal === undefined) return this.isNamed(origin);
    if (this.#named.has(normal) || normal === this.#publicOrigin) return true;
    const { protocol, host } = new URL(normal);
    return hostsOf(headers).some((each) => hostFor(protocol, each) === host);
  }

  /** Whether the operator named it: pages of that origin may read responses. */
  isNamed(origin: string): boolean {
    return this.#named.has(normalOrigin(origin) ?? origin);
  }

  /** The refusal names what an operator can set. */
  refusal(origin: string | undefined): LaunchlogError {
    if (origin === undefined)
      return new LaunchlogError('invalid_origin', 'with a cookie the Origin must be sent');
    const remedy = 'set PUBLIC_URL if this server is reached there, or add it to ALLOWED_ORIGINS';
    const shown = normalOrigin(origin) ?? 'of the page';
    return new LaunchlogError('invalid_origin', `the Origin ${shown} is not that of this server: ${remedy}`);
  }
}

/** Without a default port, and undefined for `null` and anything else that is no origin of a network. */
function normalOrigin(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, host } = new URL(text);
  return host === '' ? undefined : `${protocol}//${host}`;
}

function hostsOf(headers: IncomingHttpHeaders): readonly string[] {
  const forwarded = onceOnly(headers['x-forwarded-host'])?.split(',') ?? [];
  const elements = forwardedElements(headers.forwarded).flatMap(({ host }) =>
    host === undefined ? [] : [host],
  );
  return [...(headers.host === undefined ? [] : [headers.host]), ...forwarded, ...elements].map((host) =>
    host.trim(),
  );
}

function hostFor(protocol: string, host: string): string | undefined {
  /** Undefined for text with a path, a user or a query, which is no host. */
  if (/[/?#@\\]/.test(host) || !URL.canParse(`${protocol}//${host}`)) return undefined;
  return new URL(`${protocol}//${host}`).host;
}
