import type { TokenScope } from '@launchlog/shared/access-token';
import { LaunchlogError, notFound } from '@launchlog/shared/error-code';
import { belongsTo, type NodeOwner } from './node-owner.js';

/** What a caller may do. `admin` holds all of the others. */
export const SCOPES = ['admin', 'nodes:read', 'nodes:write', 'logs:read'] as const;
export type Scope = (typeof SCOPES)[number];

/** How the caller proved who it is. */
export type PrincipalKind = 'admin_token' | 'console_session' | 'stream_ticket' | 'named_token';

/** Who calls. The name goes into the audit trail as the actor; it is never a secret. */
export interface Principal {
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly scopes: readonly Scope[];
  /** Of the named token it was proven with, also by way of a session or a ticket. */
  readonly tokenId?: string | undefined;
  /** Of the console session it was proven with, also by way of a ticket. */
  readonly sessionId?: string | undefined;
  /** Where it calls from; undefined where that is not known yet. */
  readonly address?: string | undefined;
  /** The only node it may read; undefined means every node. */
  readonly nodeId?: string | undefined;
  /** It sees and launches nodes of this deployment only. */
  readonly deploymentId?: string | undefined;
  /** It sees and launches nodes of this tenant only. */
  readonly tenantId?: string | undefined;
  /**
   * Aborted when the right is withdrawn, its reason what the caller is told; what it reads then ends. Undefined where
   * that cannot happen.
   */
  readonly revoked?: AbortSignal | undefined;
}

export function requireScope(principal: Principal, scope: Scope): void {
  if (holdsScope(principal, scope)) return;
  throw new LaunchlogError('forbidden', `this credential does not allow '${tokenScopeOf(scope)}'`);
}

/** The scope of a named token that grants it: what people know it by. A stream ticket holds less than any token. */
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

export function holdsScope({ scopes }: Principal, scope: Scope): boolean {
  return scopes.includes('admin') || scopes.includes(scope);
}

export function isBound({ nodeId, deploymentId, tenantId }: Principal): boolean {
  return nodeId !== undefined || deploymentId !== undefined || tenantId !== undefined;
}

/** A node out of the caller's reach is answered exactly as one that does not exist: by the name it was asked for. */
export function requireNode(
  principal: Principal,
  node: NodeOwner & { readonly id: string },
  askedFor: string,
): void {
  const isOwn = (principal.nodeId ?? node.id) === node.id && belongsTo(node, principal);
  if (!isOwn) throw notFound('node', askedFor);
}

/**
 * Narrows a query, or what is to be launched, to what the caller reaches. Undefined where that leaves nothing: it names
 * a deployment or tenant that is not the caller's.
 */
export function withinReach<Query extends object>(
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

/** A query over many nodes, narrowed to those the caller may see; refused where it may see none of them. */
export function requireReach<Query extends object>(
  principal: Principal,
  query: Query & NodeOwner,
): Query & NodeOwner {
  const narrowed = withinReach(principal, query);
  if (narrowed !== undefined) return narrowed;
  throw new LaunchlogError('forbidden', 'this credential does not reach these nodes');
}

/** Calls `end` when the caller's right is withdrawn, at once where it is already. Returns what stops the listening. */
export function whenRevoked({ revoked }: Pick<Principal, 'revoked'>, end: () => void): () => void {
  if (revoked === undefined) return () => {};
  revoked.addEventListener('abort', end, { once: true });
  if (revoked.aborted) end();
  return () => revoked.removeEventListener('abort', end);
}
