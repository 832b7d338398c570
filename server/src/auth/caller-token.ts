import type { IncomingHttpHeaders } from 'node:http';

/**
 * The token of a request: `X-Admin-Token`, or `Authorization: Bearer` where the token is of our kind. Gateways that sign
 * users in themselves add credentials of their own, such as a JWT or Basic: those must not hide a cookie (decision 116).
 */
export function callerToken(
  headers: IncomingHttpHeaders,
  isOurKind: (token: string) => boolean,
): string | undefined {
  const own = onceOnly(headers['x-admin-token']);
  if (own !== undefined && own !== '') return own;
  const [scheme, token] = headers.authorization?.split(/ +/, 2) ?? [];
  if (scheme?.toLowerCase() !== 'bearer' || token === undefined || token === '') return undefined;
  return isOurKind(token) ? token : undefined;
}

/** A header and a copy of it, which some proxies add, are one. node:http joins repeated headers with commas. */
export function onceOnly(value: string | readonly string[] | undefined): string | undefined {
  const text = typeof value === 'string' ? value : value?.join(', ');
  if (text === undefined || !text.includes(', ')) return text;
  const [first, ...others] = text.split(', ');
  return others.every((other) => other === first) ? first : text;
}

/** Signed (three parts) or encrypted (five). The header of each is a JSON object in base64url. */
export function isJwt(token: string): boolean {
  return /^eyJ[\w-]*(?:\.[\w-]*){2}(?:(?:\.[\w-]*){2})?$/.test(token);
}
