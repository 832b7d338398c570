import type { IncomingMessage } from 'node:http';

/** What we know of a request before any route sees it. */
export interface RequestScope {
  /** In the answer's `X-Request-Id` and in our own log. */
  readonly requestId: string;
  /** Of the client, not of a proxy of ours. */
  readonly address: string;
}

const scopes = new WeakMap<IncomingMessage, RequestScope>();

/** Handed over beside the request, because the router in between passes on the request only. */
export function enterScope(incoming: IncomingMessage, scope: RequestScope): void {
  scopes.set(incoming, scope);
}

export function scopeOf(incoming: IncomingMessage): RequestScope {
  const scope = scopes.get(incoming);
  if (scope === undefined) throw new Error('the request has not come through the server');
  return scope;
}
