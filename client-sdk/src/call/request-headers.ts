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
  const all = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { 'x-admin-token': token }),
  };
  const headers = new Headers(all);
  for (const [name, value] of [...Object.entries(shared ?? {}), ...Object.entries(own)]) {
    try {
      headers.set(name, value);
    } catch (cause) {
      throw new TypeError(`option 'headers': '${name}' cannot be sent as a header`, { cause });
    }
  }
  return headers;
}

/** Asks for the headers on every call, as for the token. */
export async function currentHeaders(
  headers: ClientSettings['headers'],
): Promise<Readonly<Record<string, string>> | undefined> {
  return typeof headers === 'function' ? await headers() : headers;
}

/** Asks for the token on every call, because it may have been renewed. */
export async function currentToken(token: ClientSettings['token']): Promise<string | undefined> {
  return typeof token === 'function' ? await token() : token;
}
