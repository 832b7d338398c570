import type { z } from 'zod';
import { accessTo } from '@launchlog/server/edge/access-table';
import type { AccessRule } from '@launchlog/server/edge/access-rule';
import type { ProcedureName, RestRouteName } from '@launchlog/server/edge/access-table';
import { tokenScopeOf } from '@launchlog/server/principal';
import type { AppRouter } from '@launchlog/server/trpc/router';
import type { TokenScope } from '@launchlog/shared/access-token';

export interface ProcedureFacts {
  readonly path: ProcedureName;
  readonly type: 'query' | 'mutation' | 'subscription';
  /** The least scope of a token that may call it. */
  readonly scope: TokenScope | 'any' | 'open';
  readonly inputs: readonly z.ZodType[];
}

interface ProcedureDefinition {
  readonly type: ProcedureFacts['type'];
  readonly inputs?: readonly z.ZodType[];
}

/** The procedures of the router, each with its scope in the access table. */
export function procedureFacts(router: AppRouter): ProcedureFacts[] {
  const procedures = router._def.procedures as unknown as Record<
    ProcedureName,
    { _def: ProcedureDefinition }
  >;
  return Object.entries(procedures).map(([name, { _def: definition }]) => {
    const path = name as ProcedureName;
    return { path, type: definition.type, scope: leastScope(path), inputs: definition.inputs ?? [] };
  });
}

/** The least scope of a token that may call an operation. */
export function leastScope(operation: RestRouteName | ProcedureName): TokenScope | 'any' | 'open' {
  const { scope }: AccessRule = accessTo(operation);
  return scope === 'open' || scope === 'any' ? scope : tokenScopeOf(scope);
}
