/** How to reach the server. */
export interface LaunchlogClientOptions {
  /** Address of the server, with a path where it is served under one: `https://launchlog.example.com`. */
  readonly url: string;
  /** The admin token. Leave it out in a page that has signed in: its cookie serves there. */
  readonly token?: string | undefined;
  /** Longest wait for the answer to one call, milliseconds. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** How long a followed log goes on trying while the server is away, milliseconds. Default 1,800,000 (30 minutes). */
  readonly giveUpAfterMs?: number | undefined;
}

const REQUEST_TIMEOUT_MS = 30_000;
const GIVE_UP_AFTER_MS = 30 * 60_000;

/** The options with every default filled in. */
export interface ClientSettings {
  /** Of the REST interface, without a slash at the end. */
  readonly restUrl: string;
  /** Of the tRPC router over HTTP, without a slash at the end. */
  readonly httpUrl: string;
  readonly webSocketUrl: string;
  readonly token: string | undefined;
  readonly requestTimeoutMs: number;
  readonly giveUpAfterMs: number;
}

/** Throws a TypeError for an address that is none: that is a mistake in the program, not a failure of the server. */
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
