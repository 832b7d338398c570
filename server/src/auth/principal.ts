import { LaunchlogError } from '@launchlog/shared/error-code';

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
  /** The only node it may read; undefined means every node. */
  readonly nodeId?: string | undefined;
  /** Aborted when the right is withdrawn; open streams then end. Undefined where that cannot happen. */
  readonly revoked?: AbortSignal | undefined;
}

export function requireScope(principal: Principal, scope: Scope): void {
  if (principal.scopes.includes('admin') || principal.scopes.includes(scope)) return;
  throw new LaunchlogError('forbidden', `this credential does not allow '${scope}'`);
}

/** The answer to a node that is not the caller's is the same as to one that is not there. */
export function requireNode(principal: Principal, nodeId: string): void {
  if (principal.nodeId === undefined || principal.nodeId === nodeId) return;
  throw new LaunchlogError('node_not_found', 'node not found');
}
