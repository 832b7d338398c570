/** How to reach the server. */
export interface LaunchlogClientOptions {
  /** Address of the server, including the path that it is served under, if any: `https://launchlog.example.com`. */
  readonly url: string;
  /** The admin token. Omit it in a page that has signed in: the session cookie authenticates it. */
  readonly token?: string | undefined;
  /** Longest wait for the answer to one call, milliseconds. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** How long a followed log keeps reconnecting while the server is away, milliseconds. Default 1,800,000 (30 minutes). */
  readonly giveUpAfterMs?: number | undefined;
}

const REQUEST_TIMEOUT_MS = 30_000;
const GIVE_UP_AFTER_MS = 30 * 60_000;

/** The options, with every default filled in. */
export interface ClientSettings {
  /** Base URL of the REST API, without a trailing slash. */
  readonly restUrl: string;
  /** URL of the tRPC router over HTTP, without a trailing slash. */
  readonly httpUrl: string;
  readonly webSocketUrl: string;
  readonly token: string | undefined;
  readonly requestTimeoutMs: number;
  readonly giveUpAfterMs: number;
}

/** Throws a TypeError if `url` is not an HTTP address: that is a bug in the calling program, not a failure of the server. */
export function clientSettings(options: LaunchlogClientOptions): ClientSettings {
  const base = baseUrl(options.url);
  return {
    restUrl: `${base}/admin`,
    httpUrl: `${base}/trpc`,
    webSocketUrl: `${base.replace(/^http/, 'ws')}/trpc`,
    token: options.token,
    requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    giveUpAfterMs: options.giveUpAfterMs ?? GIVE_UP_AFTER_MS,
  };
}

function baseUrl(text: string): string {
  if (!URL.canParse(text))
    throw new TypeError(`url '${text}' is not an address such as http://127.0.0.1:8080`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`url '${text}' must begin with http:// or https://`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
