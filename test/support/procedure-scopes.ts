import { TRPCError } from '@trpc/server';
import type { z } from 'zod';
import { SCOPES, tokenScopeOf } from '@launchlog/server/principal';
import type { Scope } from '@launchlog/server/principal';
import type { AppRouter } from '@launchlog/server/trpc/router';
import type { TokenScope } from '@launchlog/shared/access-token';

export interface ProcedureFacts {
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  /** What a token must have at least. */
  readonly scope: TokenScope;
  readonly inputs: readonly z.ZodType[];
}

interface ProcedureDefinition {
  readonly type: ProcedureFacts['type'];
  readonly inputs?: readonly z.ZodType[];
}

/** What each procedure asks for, found by asking: the guard stands before the input, so a call without input tells. */
export async function procedureScopes(router: AppRouter): Promise<ProcedureFacts[]> {
  const procedures = Object.entries(
    router._def.procedures as unknown as Record<string, { _def: ProcedureDefinition }>,
  );
  return Promise.all(
    procedures.map(async ([path, { _def: definition }]) => ({
      path,
      type: definition.type,
      scope: tokenScopeOf(await leastScope(router, path)),
      inputs: definition.inputs ?? [],
    })),
  );
}

async function leastScope(router: AppRouter, path: string): Promise<Scope> {
  for (const scope of SCOPES.filter((each) => each !== 'admin')) {
    if (!(await isForbidden(router, path, [scope]))) return scope;
  }
  return 'admin';
}

async function isForbidden(router: AppRouter, path: string, scopes: readonly Scope[]): Promise<boolean> {
  const principal = { name: 'test', kind: 'named_token' as const, scopes };
  const caller = router.createCaller({ principal } as never) as unknown as Record<string, unknown>;
  const call = path
    .split('.')
    .reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], caller);
  try {
    /** No schema takes it, so nothing is done where the guard lets it pass. */
    await (call as (input: unknown) => Promise<unknown>)(Symbol('no input'));
    return false;
  } catch (error) {
    return error instanceof TRPCError && /does not allow/.test(error.message);
  }
}
