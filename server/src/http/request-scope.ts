import type { IncomingMessage } from 'node:http';

/** The id and the address of a request, known before any route sees it. */
export interface RequestScope {
  /** Appears in the `X-Request-Id` header of the response and in the server's log. */
  readonly requestId: string;
  /** The client's address, not that of a trusted proxy. */
  readonly address: string;
}

const scopes = new WeakMap<IncomingMessage, RequestScope>();

/** Attaches the scope to the request, because the router passes on nothing else. */
export function enterScope(incoming: IncomingMessage, scope: RequestScope): void {
  scopes.set(incoming, scope);
}

export function scopeOf(incoming: IncomingMessage): RequestScope {
  const scope = scopes.get(incoming);
  if (scope === undefined) throw new Error('the request has not come through the server');
  return scope;
}
