import type { TokenScope } from '@launchlog/shared/access-token';
import { LaunchlogError, notFound } from '@launchlog/shared/error-code';
import { belongsTo, type NodeOwner } from './node-owner.js';

/** The scopes of a caller. `admin` includes all others. */
const SCOPES = ['admin', 'nodes:read', 'nodes:write', 'logs:read'] as const;
export type Scope = (typeof SCOPES)[number];

/** How the caller proved who it is. */
type PrincipalKind =
  | 'admin_token'
  | 'named_token'
  // The cookie of a browser that signed in.
  | 'console_session'
  | 'session_token'
  // The headers of a proxy that signs people in.
  | 'proxy_identity'
  | 'stream_ticket';

/** The caller. Its name is the actor in the audit trail, and never a secret. */
export interface Principal {
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly scopes: readonly Scope[];
  /** The named token behind the credential, also behind a session or a ticket. */
  readonly tokenId?: string | undefined;
  /** The console session behind the credential, also behind a ticket. */
  readonly sessionId?: string | undefined;
  /** The client's IP address; undefined while it is unknown. */
  readonly address?: string | undefined;
  /** The only node it may read; undefined for any node. */
  readonly nodeId?: string | undefined;
  /** It sees and launches only nodes of this deployment. */
  readonly deploymentId?: string | undefined;
  /** It sees and launches only nodes of this tenant. */
  readonly tenantId?: string | undefined;
  /** When a rotated secret expires, in milliseconds since 1970. Undefined for a secret that lives as long as its token. */
  readonly endsAtMs?: number | undefined;
  /**
   * Aborted when the credential is revoked, with the error that the caller gets as its reason. Everything the caller is
   * reading then ends. Undefined for a credential that cannot be revoked.
   */
  readonly revoked?: AbortSignal | undefined;
}

export function requireScope(principal: Principal, scope: Scope): void {
  if (holdsScope(principal, scope)) return;
  throw new LaunchlogError('forbidden', `this credential does not allow '${tokenScopeOf(scope)}'`);
}

/** The scope of a named token that grants this one: the name that users know. */
export function tokenScopeOf(scope: Scope): TokenScope {
  switch (scope) {
    case 'admin':
      return 'admin';
    case 'nodes:write':
      return 'launch';
    case 'nodes:read':
    case 'logs:read':
      return 'read';
  }
}

/** The scopes that those of a token or a person include. */
export function heldScopes(granted: readonly TokenScope[]): readonly Scope[] {
  return SCOPES.filter((scope) => granted.includes(tokenScopeOf(scope)));
}

export function holdsScope({ scopes }: Principal, scope: Scope): boolean {
  return scopes.includes('admin') || scopes.includes(scope);
}

export function isBound({ nodeId, deploymentId, tenantId }: Principal): boolean {
  return nodeId !== undefined || deploymentId !== undefined || tenantId !== undefined;
}

/** Throws the same error for a node that is not the caller's as for one that does not exist: it names `askedFor`. */
export function requireNode(
  principal: Principal,
  node: NodeOwner & { readonly id: string },
  askedFor: string,
): void {
  const isOwn = (principal.nodeId ?? node.id) === node.id && belongsTo(node, principal);
  if (!isOwn) throw notFound('node', askedFor);
}

/**
 * Narrows a query or a launch request to the nodes that the caller may see. Undefined where that leaves none, because it
 * names a deployment or tenant that is not the caller's.
 */
export function narrowToVisible<Query extends object>(
  principal: Principal,
  query: Query & NodeOwner,
): (Query & NodeOwner) | undefined {
  const { deploymentId, tenantId } = principal;
  const isForeign =
    (deploymentId !== undefined && (query.deploymentId ?? deploymentId) !== deploymentId) ||
    (tenantId !== undefined && (query.tenantId ?? tenantId) !== tenantId);
  if (isForeign || principal.nodeId !== undefined) return undefined;
  return {
    ...query,
    ...(deploymentId === undefined ? {} : { deploymentId }),
    ...(tenantId === undefined ? {} : { tenantId }),
  };
}

/** Narrows a query over many nodes to those that the caller may see. Throws where that leaves none. */
export function requireVisible<Query extends object>(
  principal: Principal,
  query: Query & NodeOwner,
): Query & NodeOwner {
  const narrowed = narrowToVisible(principal, query);
  if (narrowed !== undefined) return narrowed;
  throw new LaunchlogError('forbidden', 'this credential does not reach these nodes');
}

/** Calls `end` when the credential is revoked, or at once if it already is. Returns a function that stops listening. */
export function whenRevoked({ revoked }: Pick<Principal, 'revoked'>, end: () => void): () => void {
  if (revoked === undefined) return () => {};
  revoked.addEventListener('abort', end, { once: true });
  if (revoked.aborted) end();
  return () => revoked.removeEventListener('abort', end);
}
