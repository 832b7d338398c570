import type { AuditAction } from '@launchlog/shared/audit';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { holdsScope, isBound, requireScope } from '../principal.js';
import type { Principal, Scope } from '../principal.js';

/**
 * A limit besides those of all requests (per address) and of all guarded requests (per token).
 *
 * - `heavy_reads`: reads that may scan the whole fleet or trail: a few at a time, of one token and of all
 * - `launches`: launches and retries of one token in a minute
 * - `failed_sign_ins`: wrong tokens from one address
 * - `log_pages`: log pages of one token that are in memory at once
 * - `searches`: searches that run at once, of one token and of all
 * - `sign_ins`: sign-ins of one address by the identity provider in a minute
 * - `streams`: streams that are open at once
 * - `test_messages`: test notifications that are being sent at once
 */
type AccessLimit =
  | 'heavy_reads'
  | 'launches'
  | 'failed_sign_ins'
  | 'log_pages'
  | 'searches'
  | 'sign_ins'
  | 'streams'
  | 'test_messages';

/** The rule for one operation: its callers, its limit and its entry in the audit trail. */
export interface AccessRule {
  /** `any`: every credential may call it. `open`: everybody may, and there is no principal. */
  readonly scope: Scope | 'any' | 'open';
  /**
   * What a credential gets that is bound to a tenant, a deployment or a node:
   *
   * - `own`: it sees and changes only what belongs to what it is bound to; the handler narrows the query
   * - `refused`: the operation is for unbound credentials only
   * - `all`: the answer does not depend on the caller
   */
  readonly bound: 'own' | 'refused' | 'all';
  readonly limit?: AccessLimit;
  /** Recorded in the audit trail, whatever the outcome. */
  readonly audited?: AuditAction;
}

type RestMethod = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface AccessRow extends AccessRule {
  /** Method and path, with `{id}` for parameters. GET includes HEAD. */
  readonly rest?: `${RestMethod} /${string}`;
  /** Path of the tRPC procedure. */
  readonly procedure?: string;
}

export function isAdmitted(principal: Principal, { scope, bound }: AccessRule): boolean {
  if (scope === 'open') return true;
  return (scope === 'any' || holdsScope(principal, scope)) && !(bound === 'refused' && isBound(principal));
}

/** Throws where the caller may not call the operation. */
export function requireAccess(principal: Principal, rule: AccessRule): void {
  if (rule.scope !== 'open' && rule.scope !== 'any') requireScope(principal, rule.scope);
  if (isAdmitted(principal, rule)) return;
  throw new LaunchlogError('forbidden', 'this credential is bound to a tenant or a deployment');
}
