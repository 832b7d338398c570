import { z } from 'zod';
import { accessTokenInputSchema, tokenRotationSchema } from '@launchlog/shared/access-token';
import type { TokenService } from '../../auth/token-service.js';
import { parseId } from '../../edge/input-problem.js';
import { procedureFor, router } from '../procedure.js';

export interface TokenRouterServices {
  readonly tokens: Pick<TokenService, 'create' | 'list' | 'revoke' | 'rotate'>;
}

const tokenInput = z.strictObject({ id: z.string({ error: 'must be a string' }) });

export function createTokenRouter({ tokens }: TokenRouterServices) {
  return router({
    list: procedureFor('tokens.list').query(async () => ({ tokens: await tokens.list() })),
    /** No other output contains `token`. */
    create: procedureFor('tokens.create')
      .input(accessTokenInputSchema)
      .mutation(({ input, ctx }) => tokens.create(ctx.principal, input)),
    rotate: procedureFor('tokens.rotate')
      .input(z.strictObject({ ...tokenInput.shape, ...tokenRotationSchema.shape }))
      .mutation(({ input: { id, ...rotation }, ctx }) =>
        tokens.rotate(ctx.principal, parseId('token', id), rotation),
      ),
    revoke: procedureFor('tokens.revoke')
      .input(tokenInput)
      .mutation(({ input, ctx }) => tokens.revoke(ctx.principal, parseId('token', input.id))),
  });
}
