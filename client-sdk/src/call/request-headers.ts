import type { ClientSettings } from '../client-options.js';

/**
 * The headers of one attempt: the token and the headers of the client, asked for each time, then those of the call. Throws
 * whatever the program's own functions throw, and a TypeError for a header that cannot be sent.
 */
export async function requestHeaders(
  settings: Pick<ClientSettings, 'token' | 'headers'>,
  own: Readonly<Record<string, string>> = {},
): Promise<Headers> {
  const token = await currentToken(settings.token);
  const shared = await currentHeaders(settings.headers);
  const headers = new Headers({ 'content-type': 'application/json' });
  if (token !== undefined) set(headers, ['x-admin-token', token], "option 'token'");
  for (const header of [...Object.entries(shared ?? {}), ...Object.entries(own)])
    set(headers, header, `option 'headers': '${header[0]}'`);
  return headers;
}

/** The platform's own error is not attached as the cause: it quotes the value, which may be a secret. */
function set(headers: Headers, [name, value]: readonly [string, string], option: string): void {
  try {
    headers.set(name, value);
  } catch {
    throw new TypeError(`${option} cannot be sent as a header`);
  }
}

/** Asks for the headers on every call, as for the token. */
export async function currentHeaders(
  headers: ClientSettings['headers'],
): Promise<Readonly<Record<string, string>> | undefined> {
  return typeof headers === 'function' ? await headers() : headers;
}

/** Asks for the token on every call, because it may have been renewed. */
export async function currentToken(token: ClientSettings['token']): Promise<string | undefined> {
  const current: unknown = typeof token === 'function' ? await token() : token;
  if (current === undefined || current === null) return undefined;
  if (typeof current === 'string') return current;
  throw new TypeError("option 'token' must return a string, null or undefined");
}
